package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Storage;
import org.rlhf4j.lm.text.ByteLevelTokenizer;
import org.rlhf4j.lm.text.ChatFormat;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Golden;

class LanguageModelTest {
    private static final List<EncodedExample> ROWS = List.of(
            new EncodedExample(new int[] {1, 5, 9, 3}, 2),
            new EncodedExample(new int[] {7, 60, 1, 0, 0, 8, 2}, 1),
            new EncodedExample(new int[] {4, 4}, 2));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path parent;

    private LanguageModel open(String name) {
        return LanguageModel.open(Golden.copyDirectory("models/" + name, parent));
    }

    @Test
    void logProbsAreTheLogSoftmaxOfTheLogitsBefore() {
        for (String name : List.of("llama_gqa", "llama3_tied")) {
            try (LanguageModel model = open(name)) {
                for (double temperature : new double[] {1, 0.5}) {
                    float[][] logProbs = model.logProbs(ROWS, temperature);
                    assertThat(logProbs.length).isEqualTo(3);
                    assertThat(logProbs[2]).as("no completion").isEmpty();
                    for (int row = 0; row < 2; row++) {
                        EncodedExample example = ROWS.get(row);
                        float[][] logits = model.logits(PaddedBatch.of(List.of(example)))[0];
                        assertThat(logProbs[row].length).isEqualTo(example.completionLength());
                        for (int i = 0; i < logProbs[row].length; i++) {
                            int position = example.promptLength() + i;
                            double expected = logSoftmax(logits[position - 1], example.ids()[position], temperature);
                            assertThat((double) logProbs[row][i]).isCloseTo(expected, within(1e-5));
                        }
                    }
                }
            }
        }
    }

    private static double logSoftmax(float[] logits, int target, double temperature) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit / temperature);
        }
        return logits[target] / temperature - Math.log(sum);
    }

    @Test
    void manyThreadsMayAskAtOnce() throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (LanguageModel model = open("llama_gqa")) {
            float[][] expected = model.logProbs(ROWS, 1);
            List<Future<float[][]>> answers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                answers.add(threads.submit(() -> model.logProbs(ROWS, 1)));
            }
            for (Future<float[][]> answer : answers) {
                assertThat(answer.get()).isDeepEqualTo(expected);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aModelWithoutTokenizerOpensAndSaysSo() {
        try (LanguageModel model = open("llama_gqa")) {
            assertThatThrownBy(model::tokenizer)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("holds no tokenizer.json, without which there is no text");
        }
    }

    @Test
    void theEncodingThatAModelIsUsedWithIsSavedWithIt() throws IOException {
        Path fresh = parent.resolve("fresh");
        Path saved = parent.resolve("saved");
        ModelPreset.TINY.create(Storage.disk(), fresh, ByteLevelTokenizer.files(ModelPreset.CONTEXT), 1);
        try (LanguageModel model = LanguageModel.open(
                fresh, policy -> policy.withChatFormat(ChatFormat.CHATML).withMaxLength(512))) {
            model.save(saved);
        }
        try (LanguageModel model = LanguageModel.open(saved)) {
            assertThat(model.encoder().policy().chatFormat()).isEqualTo(ChatFormat.CHATML);
            assertThat(model.encoder().policy().maxLength()).isEqualTo(512);
        }
    }
}
