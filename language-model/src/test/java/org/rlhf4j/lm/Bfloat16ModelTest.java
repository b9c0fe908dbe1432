package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.core.optim.AdamW;
import org.rlhf4j.core.optim.GradientStep;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Precision;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.GenerationListener;
import org.rlhf4j.lm.generate.Sampling;
import org.rlhf4j.lm.lora.LoraConfig;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Golden;

/** Models whose weights or layers are of bfloat16, beside transformers with the same and beside float32. */
class Bfloat16ModelTest {
    /**
     * Of the largest logit. Two computations that round at different places differ by as much as each does from float32, and
     * transformers differs from it by 0.009 to 0.019 for these models.
     */
    private static final double TOLERANCE = 0.025;

    static Stream<String> names() {
        List<String> names = new ArrayList<>();
        Golden.json("models/bfloat16").get("models").fieldNames().forEachRemaining(names::add);
        return names.stream();
    }

    private static LanguageModel open(Path directory, Precision precision) {
        return LanguageModel.open(directory, UnaryOperator.identity(), precision);
    }

    @ParameterizedTest
    @MethodSource("names")
    void logitsAreThoseOfTransformersWithinRounding(String name, @TempDir Path parent, TestReporter reporter) {
        Path directory = Golden.copyDirectory("models/" + name, parent);
        double scale = Golden.json("models/" + name + "/golden").get("scale").doubleValue();
        JsonNode golden = Golden.json("models/bfloat16").get("models").get(name);
        PaddedBatch batch = PaddedBatch.of(List.of(new EncodedExample(Golden.ints(golden.get("sequence")), 1)));
        double[][] expected = Golden.rows(golden.get("logits"));
        float[][] wide;
        try (LanguageModel model = open(directory, Precision.FLOAT32)) {
            wide = model.logits(batch)[0];
        }
        for (Precision precision : List.of(Precision.BFLOAT16, Precision.MIXED)) {
            try (LanguageModel model = open(directory, precision)) {
                float[][] logits = model.logits(batch)[0];
                double worst = 0;
                double ours = 0;
                double theirs = 0;
                for (int i = 0; i < expected.length; i++) {
                    for (int token = 0; token < expected[i].length; token++) {
                        worst = Math.max(worst, Math.abs(logits[i][token] - expected[i][token]));
                        ours += Math.pow(logits[i][token] - wide[i][token], 2);
                        theirs += Math.pow(expected[i][token] - wide[i][token], 2);
                    }
                }
                reporter.publishEntry(
                        name + " " + precision,
                        worst / scale + " of the largest logit; from float32 " + Math.sqrt(ours / theirs));
                assertThat(worst).as("%s", precision).isLessThanOrEqualTo(TOLERANCE * scale);
                assertThat(Math.sqrt(ours / theirs))
                        .as("no further from float32 than transformers")
                        .isBetween(0.5, 1.3);
            }
        }
    }

    static Stream<String> everyModel() {
        List<String> all = new ArrayList<>();
        Golden.json("models/index").get("models").fieldNames().forEachRemaining(all::add);
        return all.stream().filter(name -> !name.contains("_rm"));
    }

    @ParameterizedTest
    @MethodSource("everyModel")
    void everyFamilyComputesInBfloat16FromTheFirstLayerToTheLast(String name, @TempDir Path parent) {
        Path directory = Golden.copyDirectory("models/" + name, parent);
        PaddedBatch batch = batch(19);
        List<float[]> wide = gradients(directory, Precision.FLOAT32);
        for (Precision precision : List.of(Precision.BFLOAT16, Precision.MIXED)) {
            try (LanguageModel model = open(directory, precision)) {
                assertThat(Torch.call(() -> Scope.call(
                                () -> TorchOps.isBfloat16(model.decoder().hidden(batch)))))
                        .as("%s", precision)
                        .isTrue();
                assertThat(model.generateIds(
                                List.of(new int[] {5, 3, 9}, new int[] {7}),
                                GenerationConfig.endingAt(Set.of()).withMaxNewTokens(3),
                                GenerationListener.NONE))
                        .hasSize(2);
            }
        }
        List<float[]> mixed = gradients(directory, Precision.MIXED);
        for (int i = 0; i < wide.size(); i++) {
            assertThat(cosine(wide.get(i), mixed.get(i))).as("weight %d", i).isGreaterThan(0.99);
        }
    }

    @Test
    void aBfloat16CheckpointIsReadAndSavedWithoutChange(@TempDir Path parent) throws Exception {
        Path directory = Golden.copyDirectory("models/llama_bf16", parent);
        try (LanguageModel narrow = open(directory, Precision.BFLOAT16);
                LanguageModel wide = open(directory, Precision.FLOAT32)) {
            assertThat(narrow.parameters().names()).isEqualTo(wide.parameters().names());
            for (String name : wide.parameters().names()) {
                assertThat(Torch.call(
                                () -> TorchOps.isBfloat16(narrow.parameters().get(name))))
                        .isTrue();
                assertThat(Torch.call(
                                () -> HostCopy.toFloats(narrow.parameters().get(name))))
                        .isEqualTo(Torch.call(
                                () -> HostCopy.toFloats(wide.parameters().get(name))));
            }
            assertThat(narrow.sha256()).as("it computes something else").isNotEqualTo(wide.sha256());
            narrow.save(parent.resolve("saved"));
            try (LanguageModel saved = open(parent.resolve("saved"), Precision.FLOAT32)) {
                assertThat(saved.sha256()).isEqualTo(wide.sha256());
            }
        }
    }

    @Test
    void trainingInBfloat16FollowsTheLossOfFloat32(@TempDir Path parent, TestReporter reporter) {
        Path directory = Golden.copyDirectory("models/llama3_tied", parent);
        double[] wide = losses(directory, Precision.FLOAT32);
        double[] mixed = losses(directory, Precision.MIXED);
        reporter.publishEntry("losses", Arrays.toString(wide) + " " + Arrays.toString(mixed));
        assertThat(wide[wide.length - 1]).isLessThan(0.8 * wide[0]);
        for (int step = 0; step < wide.length; step++) {
            assertThat(mixed[step]).as("step %d", step).isCloseTo(wide[step], within(0.02 * wide[0]));
        }
        assertThat(mixed).isNotEqualTo(wide);
    }

    @Test
    void anAdapterOverFrozenBfloat16WeightsFollowsTheLossOfFloat32(@TempDir Path parent) {
        Path directory = Golden.copyDirectory("models/llama3_tied", parent);
        double[] wide = losses(open(directory, Precision.FLOAT32).withAdapter(LoraConfig.DEFAULT, 1));
        double[] narrow = losses(open(directory, Precision.BFLOAT16).withAdapter(LoraConfig.DEFAULT, 1));
        assertThat(wide[wide.length - 1]).isLessThan(0.9 * wide[0]);
        for (int step = 0; step < wide.length; step++) {
            assertThat(narrow[step]).as("step %d", step).isCloseTo(wide[step], within(0.02 * wide[0]));
        }
        assertThat(narrow).isNotEqualTo(wide);
    }

    private static double[] losses(Path directory, Precision precision) {
        return losses(open(directory, precision));
    }

    private static double[] losses(LanguageModel opened) {
        PaddedBatch batch = batch(50);
        double[] losses = new double[30];
        try (LanguageModel model = opened) {
            Torch.run(() -> model.parameters().setAllTrainable(true));
            try (AdamW optimizer = new AdamW(model.parameters(), AdamW.Settings.DEFAULT)) {
                GradientStep step = new GradientStep(model.parameters(), optimizer, 1);
                for (int i = 0; i < losses.length; i++) {
                    int count = batch.completionTokens();
                    losses[i] = step.accumulate(
                                    new int[] {0},
                                    count,
                                    tape -> model.crossEntropy(tape, batch).sum())
                            / count;
                    step.update(3e-3);
                }
            }
        }
        return losses;
    }

    private static PaddedBatch batch(int words) {
        return PaddedBatch.of(Stream.of(11, 7, 9)
                .map(length -> {
                    int[] ids = new int[length];
                    Arrays.setAll(ids, i -> (7 * i + length) % words);
                    return new EncodedExample(ids, 1);
                })
                .toList());
    }

    private static List<float[]> gradients(Path directory, Precision precision) {
        PaddedBatch batch = batch(19);
        try (LanguageModel model = open(directory, precision)) {
            return Torch.call(() -> {
                model.parameters().setAllTrainable(true);
                Tape.backward(tape -> model.crossEntropy(tape, batch).sum(), 1, loss -> {});
                return model.parameters().names().stream()
                        .map(each ->
                                HostCopy.toFloats(model.parameters().get(each).getGradient()))
                        .toList();
            });
        }
    }

    private static double cosine(float[] a, float[] b) {
        double product = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            product += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return product / Math.sqrt(aa * bb);
    }

    @ParameterizedTest
    @MethodSource("names")
    void generationWithTheCacheChoosesWhatTheWholeSequenceGives(String name, @TempDir Path parent) {
        Path directory = Golden.copyDirectory("models/" + name, parent);
        List<int[]> prompts = List.of(new int[] {5, 3, 9, 4}, new int[] {7, 8});
        GenerationConfig config =
                GenerationConfig.endingAt(Set.of()).withMaxNewTokens(8).withSampling(Sampling.GREEDY);
        for (Precision precision : List.of(Precision.BFLOAT16, Precision.MIXED)) {
            try (LanguageModel model = open(directory, precision)) {
                List<GeneratedCompletion> completions = model.generateIds(prompts, config, GenerationListener.NONE);
                for (int row = 0; row < prompts.size(); row++) {
                    int[] prompt = prompts.get(row);
                    int[] completion = completions.get(row).ids();
                    int[] all = Arrays.copyOf(prompt, prompt.length + completion.length);
                    System.arraycopy(completion, 0, all, prompt.length, completion.length);
                    float[][] logits = model.logits(PaddedBatch.of(List.of(new EncodedExample(all, 1))))[0];
                    for (int i = 0; i < completion.length; i++) {
                        float[] choices = logits[prompt.length - 1 + i];
                        float best = choices[0];
                        float largest = 0;
                        for (float each : choices) {
                            best = Math.max(best, each);
                            largest = Math.max(largest, Math.abs(each));
                        }
                        // Where two tokens are nearly as likely, rounding may choose either.
                        assertThat(choices[completion[i]])
                                .as("%s, row %d, token %d", precision, row, i)
                                .isCloseTo(best, within((float) TOLERANCE * largest));
                    }
                }
            }
        }
    }
}
