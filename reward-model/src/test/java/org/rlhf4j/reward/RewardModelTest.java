package org.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Message;
import org.rlhf4j.base.PromptCompletion;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.ModelSidecar;
import org.rlhf4j.lm.PaddedBatch;
import org.rlhf4j.lm.text.ChatFormat;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.testing.Golden;

class RewardModelTest {
    /** Of the same row in other company, relative to max(1, |score|). */
    private static final double INVARIANCE = 1e-5;

    @TempDir
    private Path folder;

    @Test
    void whatIsSavedOpensWithTheSameScoresScaleAndEncoding() throws IOException {
        Path saved = folder.resolve("saved");
        List<PromptCompletion> rows = rows(12);
        ModelSidecar.Scores scale = new ModelSidecar.Scores(0.25, 1.5, 24);
        double[] before;
        try (RewardModel model =
                RewardModel.start(TinyModels.languageModel(folder), policy -> policy.withMaxLength(200), 1)) {
            before = model.scoreAll(rows);
            assertThat(model.scale()).isEmpty();
            model.save(saved, scale);
        }
        assertThat(Arrays.stream(before).distinct().count()).isEqualTo(12);
        try (RewardModel model = RewardModel.open(saved)) {
            assertThat(model.scoreAll(rows)).containsExactly(before);
            assertThat(model.scale()).contains(scale);
            assertThat(model.encoder().policy().maxLength()).isEqualTo(200);
            assertThat(model.encoder().policy().addEos()).isTrue();
            // Saved without a scale it has none: that of an earlier run would belong to other weights.
            model.save(folder.resolve("again"), null);
        }
        try (RewardModel model = RewardModel.start(folder.resolve("again"), UnaryOperator.identity(), 99)) {
            assertThat(model.scoreAll(rows))
                    .as("a reward model goes on with its head")
                    .containsExactly(before);
            assertThat(model.scale()).isEmpty();
        }
    }

    @Test
    void whatIsSavedSaysWhatOtherReadersNeed() throws IOException {
        Path saved = folder.resolve("saved");
        try (RewardModel model = TinyModels.rewardModel(folder)) {
            model.save(saved, null);
        }
        JsonNode config = Json.read(saved.resolve("config.json"));
        assertThat(config.path("architectures").path(0).asText()).isEqualTo("LlamaForSequenceClassification");
        assertThat(config.path("pad_token_id").asInt()).isEqualTo(256);
        assertThat(config.path("id2label").size()).isEqualTo(1);
        assertThat(config.path("label2id").size()).isEqualTo(1);
        assertThat(saved.resolve("tokenizer.json")).exists();
        assertThatThrownBy(() -> {
                    try (RewardModel model = RewardModel.open(saved)) {
                        model.save(saved, null);
                    }
                })
                .as("saving over a model")
                .hasMessageContaining("not empty");
    }

    @Test
    void theHeadIsThatOfTheSeed() {
        Path start = TinyModels.languageModel(folder);
        double[] scores = new double[3];
        long[] seeds = {1, 1, 2};
        for (int i = 0; i < 3; i++) {
            try (RewardModel model = RewardModel.start(start, UnaryOperator.identity(), seeds[i])) {
                scores[i] = model.score("p", "c");
            }
        }
        assertThat(scores[1]).isEqualTo(scores[0]);
        assertThat(scores[2]).isNotEqualTo(scores[0]);
    }

    @Test
    void aScoreDependsOnItsOwnRowAlone() {
        try (RewardModel model = TinyModels.rewardModel(folder)) {
            List<EncodedExample> examples = rows(40).stream()
                    .map(row -> model.encoder().encode(row.prompt(), row.completion()))
                    .toList();
            double[] alone = examples.stream()
                    .mapToDouble(example -> model.scores(List.of(example))[0])
                    .toArray();

            assertClose("all in one call", model.scores(examples), alone);
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, examples.size()).boxed().toList());
            Collections.reverse(order);
            double[] reversed = model.scores(order.stream().map(examples::get).toList());
            for (int i = 0; i < reversed.length; i++) {
                assertClose("reversed", new double[] {reversed[i]}, new double[] {alone[order.get(i)]});
            }
            for (int size : new int[] {2, 3, 7, 40}) {
                for (PaddedBatch.Side side : PaddedBatch.Side.values()) {
                    double[] batched = new double[examples.size()];
                    for (int from = 0; from < batched.length; from += size) {
                        int to = Math.min(from + size, batched.length);
                        // The id of the padding is one that stands in the text.
                        PaddedBatch batch = PaddedBatch.of(examples.subList(from, to), side, 'a');
                        float[] values = Torch.call(() ->
                                Scope.call(() -> model.scorer().scores(batch).toFloatArray()));
                        for (int i = from; i < to; i++) {
                            batched[i] = values[i - from];
                        }
                    }
                    assertClose("batches of " + size + " padded " + side, batched, alone);
                }
            }
        }
    }

    @Test
    void manyThreadsGetTheScoresOfOne() throws InterruptedException, ExecutionException {
        List<PromptCompletion> rows = rows(64);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (RewardModel model = TinyModels.rewardModel(folder)) {
            double[] expected = new double[rows.size()];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = model.score(rows.get(i).prompt(), rows.get(i).completion());
            }
            List<Future<Double>> pending = new ArrayList<>();
            for (PromptCompletion row : rows) {
                pending.add(threads.submit(() -> model.score(row.prompt(), row.completion())));
            }
            double[] scores = new double[rows.size()];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = pending.get(i).get();
            }
            assertClose("from 8 threads", scores, expected);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aRowThatFailsLeavesTheOthersOfTheSameMomentAlone() throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (RewardModel model = TinyModels.rewardModel(folder)) {
            EncodedExample good = model.encoder().encode("p", "c");
            EncodedExample bad = new EncodedExample(new int[] {1, 100_000}, 1);
            double expected = model.scores(List.of(good))[0];
            List<Future<double[]>> goods = new ArrayList<>();
            List<Future<double[]>> bads = new ArrayList<>();
            // The tensor thread is held until all of them wait, so that they are taken together.
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            Future<Boolean> hold = threads.submit(() -> Torch.call(() -> {
                held.countDown();
                return release.await(1, TimeUnit.MINUTES);
            }));
            held.await();
            for (int i = 0; i < 3; i++) {
                goods.add(threads.submit(() -> model.scores(List.of(good))));
                bads.add(threads.submit(() -> model.scores(List.of(bad))));
            }
            Thread.sleep(200);
            release.countDown();
            assertThat(hold.get()).isTrue();
            for (Future<double[]> each : goods) {
                assertThat(each.get()[0]).isCloseTo(expected, within(INVARIANCE));
            }
            for (Future<double[]> each : bads) {
                assertThatThrownBy(each::get).isInstanceOf(ExecutionException.class);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aClosedModelSaysSo() {
        RewardModel model = TinyModels.rewardModel(folder);
        EncodedExample example = model.encoder().encode("p", "c");
        model.close();
        model.close();
        assertThatThrownBy(() -> model.score("p", "c"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the reward model is closed");
        assertThatThrownBy(() -> model.scoreAll(rows(2))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> model.scores(List.of(example))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aLanguageModelIsRefusedWithWhatToDo() {
        Path directory = TinyModels.languageModel(folder);
        assertThatThrownBy(() -> RewardModel.open(directory))
                .isInstanceOf(DataFormatException.class)
                .hasMessage(directory + ": is a language model without a score head; train a reward model from it"
                        + " first (rlhf reward train --model " + directory + " ...)");
    }

    @Test
    void rowsThatCannotBeEncodedAreRefused() {
        try (RewardModel model =
                RewardModel.start(TinyModels.languageModel(folder), policy -> policy.withMaxLength(20), 1)) {
            assertThatThrownBy(() -> model.score("a prompt of some length", "and its completion"))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("20");
            assertThatThrownBy(() -> model.score("p", "  "))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("the completion is blank");
            assertThat(model.score("", "c")).isFinite();
        }
    }

    @Test
    void whatModelsWroteIsScoredEvenWhereItIsBlankOrAConversation() {
        Path start = TinyModels.languageModel(folder);
        Content chat = Content.of(List.of(new Message("user", "Hi")));
        try (RewardModel plain = RewardModel.start(start, UnaryOperator.identity(), 1);
                RewardModel chatting =
                        RewardModel.start(start, policy -> policy.withChatFormat(ChatFormat.CHATML), 1)) {
            assertThat(plain.scoresConversations()).isFalse();
            assertClose(
                    "text",
                    plain.scoreSamples(List.of(Content.of("p"), Content.of("p")), List.of("c", "")),
                    new double[] {plain.score("p", "c"), blank(plain)});
            assertThatThrownBy(() -> plain.scoreSamples(List.of(Content.of("p"), chat), List.of("c", "c")))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageStartingWith("row 2: ");
            assertThatThrownBy(() -> plain.scoreSamples(List.of(chat), List.of()))
                    .hasMessage("0 completions for 1 prompts: one each");
            assertThat(chatting.scoresConversations()).isTrue();
            Content answer = Content.of(List.of(new Message("assistant", "Ho")));
            assertThat(chatting.scoreSamples(List.of(chat), List.of("Ho")))
                    .containsExactly(chatting.score(chat, answer));
        }
    }

    /** The prompt and EOS. */
    private static double blank(RewardModel model) {
        return model.scores(List.of(model.encoder().encodeSample(Content.of("p"), "")))[0];
    }

    @Test
    void aLimitBeyondTheContextIsRefused() {
        Path directory = TinyModels.languageModel(folder);
        assertThatThrownBy(() -> RewardModel.start(directory, policy -> policy.withMaxLength(5000), 1))
                .hasMessageContaining("5000")
                .hasMessageContaining("4096");
    }

    @Test
    void theStoredEncodingCanBeChangedOnOpening() throws IOException {
        Path saved = folder.resolve("saved");
        try (RewardModel model = TinyModels.rewardModel(folder)) {
            model.save(saved, null);
        }
        try (RewardModel model = RewardModel.open(
                saved, policy -> policy.withMaxLength(20).withOnOverlong(EncodingPolicy.OnOverlong.TRUNCATE))) {
            assertThat(model.score("a prompt of some length", "and its end")).isFinite();
        }
    }

    @Test
    void aPaddingTokenThatEndsTextsIsReplaced() throws IOException {
        Path start = TinyModels.languageModel(folder);
        setPad(start.resolve("config.json"), "pad_token_id", 258);
        try (RewardModel model = RewardModel.start(start, UnaryOperator.identity(), 1)) {
            model.save(folder.resolve("saved"), null);
        }
        assertThat(Json.read(folder.resolve("saved/config.json"))
                        .path("pad_token_id")
                        .asInt())
                .as("the tokenizer's own")
                .isEqualTo(256);
    }

    @Test
    void aModelWithoutAPaddingTokenApartFromEosIsRefused() throws IOException {
        Path start = TinyModels.languageModel(folder);
        setPad(start.resolve("config.json"), "pad_token_id", 258);
        for (String file : List.of("tokenizer_config.json", "special_tokens_map.json")) {
            ObjectNode json = (ObjectNode) Json.read(start.resolve(file));
            json.put("pad_token", json.path("eos_token").asText());
            Files.writeString(start.resolve(file), Json.pretty(json));
        }
        assertThatThrownBy(() -> RewardModel.start(start, UnaryOperator.identity(), 1))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("padding token apart from EOS")
                .hasMessageContaining("add one to tokenizer_config.json");
    }

    @Test
    void scoresEqualTheReferenceImplementation() throws IOException {
        // The golden checkpoint has no tokenizer; one of 61 tokens that fits it makes it a whole model.
        Path directory = Golden.copyDirectory("models/llama_rm", folder);
        Files.writeString(directory.resolve("tokenizer.json"), wordTokenizer(61));
        JsonNode golden = Json.read(directory.resolve("golden.json"));
        List<EncodedExample> examples = Arrays.stream(Golden.intRows(golden.get("sequences")))
                .map(ids -> new EncodedExample(ids, 1))
                .toList();
        double[] expected = Golden.doubles(golden.get("scores"));
        double bound =
                golden.get("tolerance").doubleValue() * golden.get("scale").doubleValue();
        try (RewardModel model = RewardModel.open(directory)) {
            assertThat(model.scores(examples)).containsExactly(expected, within(bound));
        }
    }

    private static String wordTokenizer(int size) {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("version", "1.0");
        json.putObject("pre_tokenizer").put("type", "Whitespace");
        ObjectNode model = json.putObject("model");
        model.put("type", "WordLevel").put("unk_token", "w0");
        ObjectNode vocabulary = model.putObject("vocab");
        IntStream.range(0, size).forEach(id -> vocabulary.put("w" + id, id));
        return Json.write(json);
    }

    private static void setPad(Path file, String key, int id) throws IOException {
        ObjectNode json = (ObjectNode) Json.read(file);
        json.put(key, id);
        Files.writeString(file, Json.pretty(json));
    }

    /** Rows of many lengths. */
    private static List<PromptCompletion> rows(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new PromptCompletion(
                        "Question " + i + ": " + "why? ".repeat(i % 7), "Because " + i + " a".repeat(i * 13 % 31)))
                .toList();
    }

    private static void assertClose(String what, double[] scores, double[] expected) {
        assertThat(scores).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < scores.length; i++) {
            assertThat(scores[i])
                    .as("%s, row %d", what, i)
                    .isCloseTo(expected[i], within(INVARIANCE * Math.max(1, Math.abs(expected[i]))));
        }
    }
}
