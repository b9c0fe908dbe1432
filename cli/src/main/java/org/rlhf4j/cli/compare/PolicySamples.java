package org.rlhf4j.cli.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import org.rlhf4j.base.Content;
import org.rlhf4j.cli.scorer.NamedScorer;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.compare.ScoredSamples;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.GenerationListener;
import org.rlhf4j.lm.text.EncodedExample;

/**
 * What one policy wrote: the same number of samples for each prompt.
 *
 * @param prompts the prompts, P
 * @param completions the samples of each prompt, {@code [P][samples]}
 */
public record PolicySamples(List<Content> prompts, List<List<GeneratedCompletion>> completions) {
    /** Copies the lists. */
    public PolicySamples {
        prompts = List.copyOf(prompts);
        completions = completions.stream().map(List::copyOf).toList();
    }

    /**
     * Lets a model write.
     *
     * @param model the policy
     * @param prompts what it answers
     * @param count samples a prompt
     * @param config how it writes; sample s of prompt p is row {@code p * count + s} of the random streams
     */
    public static PolicySamples draw(LanguageModel model, List<Content> prompts, int count, GenerationConfig config) {
        List<GeneratedCompletion> flat = model.generate(prompts, count, config, GenerationListener.NONE);
        List<List<GeneratedCompletion>> completions = new ArrayList<>(prompts.size());
        for (int from = 0; from < flat.size(); from += count) {
            completions.add(flat.subList(from, from + count));
        }
        return new PolicySamples(prompts, completions);
    }

    /** Samples a prompt. */
    public int count() {
        return completions.get(0).size();
    }

    /** A figure of every sample, {@code [P][samples]}. */
    public double[][] map(ToDoubleBiFunction<Content, String> figure) {
        double[][] values = new double[prompts.size()][count()];
        for (int prompt = 0; prompt < values.length; prompt++) {
            for (int i = 0; i < count(); i++) {
                values[prompt][i] = figure.applyAsDouble(
                        prompts.get(prompt), completions.get(prompt).get(i).text());
            }
        }
        return values;
    }

    /** The score of every sample, all asked for at once, {@code [P][samples]}. */
    public double[][] scores(NamedScorer scorer) {
        List<Content> asked = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        map((prompt, completion) -> {
            asked.add(prompt);
            answers.add(completion);
            return 0;
        });
        return byPrompt(scorer.scores(asked, answers));
    }

    /** The samples with their scores. */
    public ScoredSamples judged(double[][] scores) {
        int[][] tokens = new int[completions.size()][];
        boolean[][] finished = new boolean[completions.size()][];
        for (int prompt = 0; prompt < tokens.length; prompt++) {
            List<GeneratedCompletion> row = completions.get(prompt);
            tokens[prompt] =
                    row.stream().mapToInt(sample -> sample.ids().length).toArray();
            finished[prompt] = new boolean[row.size()];
            for (int i = 0; i < row.size(); i++) {
                finished[prompt][i] = row.get(i).finish().byItself();
            }
        }
        return new ScoredSamples(scores, tokens, finished);
    }

    /**
     * The log-probability of every sample under a model of the same tokenizer, which reads the prompts in its own way,
     * {@code [P][samples]}, nats.
     *
     * @param temperature divides the logits
     * @param maxNewTokens longest completion that was asked for
     */
    public double[][] logProbs(LanguageModel model, double temperature, int maxNewTokens) {
        List<EncodedExample> examples = new ArrayList<>();
        for (int prompt = 0; prompt < prompts.size(); prompt++) {
            EncodedExample asked = model.encodePrompt(prompts.get(prompt), maxNewTokens);
            completions.get(prompt).forEach(sample -> examples.add(asked.with(sample.ids())));
        }
        float[][] tokens = model.logProbs(examples, temperature);
        double[] sums = new double[tokens.length];
        for (int row = 0; row < sums.length; row++) {
            for (float value : tokens[row]) {
                sums[row] += value;
            }
        }
        return byPrompt(sums);
    }

    private double[][] byPrompt(double[] flat) {
        double[][] rows = new double[completions.size()][count()];
        for (int i = 0; i < flat.length; i++) {
            rows[i / count()][i % count()] = flat[i];
        }
        return rows;
    }
}
