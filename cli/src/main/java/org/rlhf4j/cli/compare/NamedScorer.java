package org.rlhf4j.cli.compare;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.PromptCompletion;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.reward.RewardModel;

/** A scorer that was named on the command line: the directory of a reward model, or a class with a no-argument constructor. */
public final class NamedScorer implements AutoCloseable {
    private final String name;
    private final CompletionScorer scorer;
    private final List<AutoCloseable> resources;

    private NamedScorer(String name, CompletionScorer scorer, List<AutoCloseable> resources) {
        this.name = name;
        this.scorer = scorer;
        this.resources = resources;
    }

    /**
     * Opens it.
     *
     * @param option the option that names it, for messages
     * @param name a directory, or the full name of a class that implements {@link CompletionScorer}
     * @param plugins jars to look for the class in, besides the class path
     * @throws UsageException if there is neither such a directory nor such a class
     */
    public static NamedScorer open(String option, String name, List<Path> plugins) throws IOException {
        if (Files.isDirectory(Path.of(name))) {
            // What a policy writes is scored as it is, even where it is strange to the scorer.
            RewardModel model = RewardModel.open(
                    Path.of(name),
                    policy -> policy.withOnUnknown(EncodingPolicy.OnUnknown.COUNT)
                            .withOnOverlong(EncodingPolicy.OnOverlong.TRUNCATE));
            return new NamedScorer(name, model, List.of(model));
        }
        URLClassLoader loader = new URLClassLoader(urls(plugins), NamedScorer.class.getClassLoader());
        try {
            Object scorer = loader.loadClass(name).getDeclaredConstructor().newInstance();
            if (scorer instanceof CompletionScorer fits) {
                return new NamedScorer(name, fits, List.of(loader));
            }
            throw new UsageException("class " + name + " does not implement " + CompletionScorer.class.getName());
        } catch (ClassNotFoundException e) {
            throw refused(
                    loader,
                    option + " " + name + ": there is no such directory and no such class; give the directory"
                            + " of a reward model, or a class and its --plugins JAR");
        } catch (NoSuchMethodException | InstantiationException | IllegalAccessException e) {
            throw refused(loader, "class " + name + " needs a public constructor without arguments");
        } catch (InvocationTargetException e) {
            throw refused(loader, "class " + name + " cannot be made: " + e.getCause());
        }
    }

    private static UsageException refused(URLClassLoader loader, String reason) throws IOException {
        loader.close();
        return new UsageException(reason);
    }

    private static URL[] urls(List<Path> jars) throws MalformedURLException {
        URL[] urls = new URL[jars.size()];
        for (int i = 0; i < urls.length; i++) {
            if (!Files.isReadable(jars.get(i))) {
                throw new UsageException("--plugins " + jars.get(i) + ": there is no such file");
            }
            urls[i] = jars.get(i).toUri().toURL();
        }
        return urls;
    }

    /**
     * Refuses what {@link #scores} would refuse, before anything is sampled.
     *
     * @throws UsageException if there is a conversation and the scorer is a class
     */
    public void requireScores(List<Content> prompts) {
        if (!(scorer instanceof RewardModel)) {
            prompts.forEach(this::text);
        }
    }

    /**
     * Scores what policies wrote.
     *
     * @param prompts one a completion; conversations only where the scorer is a reward model
     * @param completions may be blank
     * @return {@code [completions.size()]}, finite
     * @throws IllegalStateException naming the row whose score is missing or not finite
     */
    public double[] scores(List<Content> prompts, List<String> completions) {
        double[] scores = scorer instanceof RewardModel model
                ? model.scores(encoded(model, prompts, completions))
                : scorer.scoreAll(texts(prompts, completions));
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

    private static List<EncodedExample> encoded(RewardModel model, List<Content> prompts, List<String> completions) {
        List<EncodedExample> examples = new ArrayList<>(completions.size());
        for (int i = 0; i < completions.size(); i++) {
            examples.add(model.encoder().encodeSample(prompts.get(i), completions.get(i)));
        }
        return examples;
    }

    private List<PromptCompletion> texts(List<Content> prompts, List<String> completions) {
        List<PromptCompletion> rows = new ArrayList<>(completions.size());
        for (int i = 0; i < completions.size(); i++) {
            rows.add(new PromptCompletion(text(prompts.get(i)), completions.get(i)));
        }
        return rows;
    }

    private String text(Content prompt) {
        if (prompt instanceof Content.Text text) {
            return text.text();
        }
        throw new UsageException(name + " scores plain text, but there are conversations: use a reward model");
    }

    @Override
    public void close() throws IOException {
        for (AutoCloseable resource : resources) {
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
