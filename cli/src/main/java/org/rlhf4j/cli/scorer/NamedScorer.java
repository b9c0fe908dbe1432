package org.rlhf4j.cli.scorer;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.List;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Content;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.Plugins;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.reward.RewardModel;

/** A scorer that was named on the command line: the directory of a reward model, or a class of one's own. */
public final class NamedScorer implements AutoCloseable {
    private final String name;
    private final CompletionScorer scorer;

    private NamedScorer(String name, CompletionScorer scorer) {
        this.name = name;
        this.scorer = scorer;
    }

    /**
     * Opens it.
     *
     * @param option the option that names it, for messages
     * @param name a directory or a name on the hub; or the full or the simple name of a class that a service file lists; or the full name of
     *     any class that implements {@link CompletionScorer} and has a public constructor without arguments
     * @param plugins where classes are looked for besides the class path
     * @param models gives the directory of a model
     * @throws UsageException if there is none of these, naming the nearest
     * @throws IOException if it is on the hub and cannot be had
     */
    public static NamedScorer open(String option, String name, Plugins plugins, Models models) throws IOException {
        if (Models.isModel(name)) {
            // What a policy writes is scored as it is, even where it is strange to the scorer.
            return new NamedScorer(
                    name,
                    RewardModel.open(
                            models.directory(Path.of(name)),
                            policy -> policy.withOnUnknown(EncodingPolicy.OnUnknown.COUNT)
                                    .withOnOverlong(EncodingPolicy.OnOverlong.TRUNCATE)));
        }
        return new NamedScorer(name, made(ScorerClasses.find(option, name, plugins)));
    }

    private static CompletionScorer made(Class<? extends CompletionScorer> type) {
        try {
            return type.getConstructor().newInstance();
        } catch (NoSuchMethodException | InstantiationException | IllegalAccessException e) {
            throw new UsageException(
                    "class " + type.getName()
                            + " cannot be made: it has to be public and not abstract, with a public constructor without arguments");
        } catch (InvocationTargetException | LinkageError e) {
            Throwable cause = e instanceof InvocationTargetException ? e.getCause() : e;
            throw new UsageException("class " + type.getName() + " cannot be made: " + cause);
        }
    }

    /** As it was given. */
    public String name() {
        return name;
    }

    /** The scorer, which lives until {@link #close}. */
    public CompletionScorer scorer() {
        return scorer;
    }

    /**
     * Refuses what {@link #scores} would refuse, before anything is sampled.
     *
     * @throws UsageException if there is a conversation and the scorer takes plain text alone
     */
    public void requireScores(List<Content> prompts) {
        if (!scorer.scoresConversations() && prompts.stream().anyMatch(Content.Chat.class::isInstance)) {
            throw new UsageException(
                    name + " scores plain text, but there are conversations: use a reward model with a chat format");
        }
    }

    /**
     * Scores what policies wrote.
     *
     * @param prompts one a completion
     * @param completions may be blank
     * @return {@code [completions.size()]}, finite
     * @throws IllegalStateException naming the row whose score is missing or not finite
     */
    public double[] scores(List<Content> prompts, List<String> completions) {
        double[] scores = scorer.scoreSamples(prompts, completions);
        if (scores.length != completions.size()) {
            throw new IllegalStateException(
                    name + " gave " + scores.length + " scores for " + completions.size() + " completions");
        }
        for (int i = 0; i < scores.length; i++) {
            if (!Double.isFinite(scores[i])) {
                throw new IllegalStateException(
                        name + " gave the score " + scores[i] + " to \"" + completions.get(i) + "\"");
            }
        }
        return scores;
    }

    @Override
    public void close() throws IOException {
        if (scorer instanceof AutoCloseable resource) {
            try {
                resource.close();
            } catch (IOException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(name + " cannot be closed: " + e.getMessage(), e);
            }
        }
    }
}
