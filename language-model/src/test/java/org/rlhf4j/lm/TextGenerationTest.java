package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Message;
import org.rlhf4j.base.Storage;
import org.rlhf4j.lm.generate.FinishReason;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.GenerationListener;
import org.rlhf4j.lm.generate.Sampling;
import org.rlhf4j.lm.text.ChatFormat;
import org.rlhf4j.lm.text.TextTokenizer;
import org.rlhf4j.testing.Golden;

/** Text in, text out, with a random model over bytes. */
class TextGenerationTest {
    private static final List<Content> PROMPTS = List.of(Content.of("Once upon"), Content.of("x"), Content.of("été"));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path parent;

    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @BeforeEach
    void createModel() throws IOException {
        Path tokenizer = Golden.copyDirectory("tokenizer/bytes", parent);
        Map<String, byte[]> files = new HashMap<>();
        for (String name : TextTokenizer.FILES) {
            if (Files.exists(tokenizer.resolve(name))) {
                files.put(name, Files.readAllBytes(tokenizer.resolve(name)));
            }
        }
        directory = parent.resolve("model");
        ModelPreset.TINY.create(Storage.disk(), directory, files, 4);
    }

    private static GenerationConfig sampled(LanguageModel model) {
        return model.generationDefaults()
                .config()
                .withMaxNewTokens(40)
                .withSampling(Sampling.atTemperature(1))
                .withSeed(3);
    }

    @Test
    void theDefaultsComeFromTheModelsFiles() throws IOException {
        int eos;
        try (LanguageModel model = LanguageModel.open(directory)) {
            eos = model.tokenizer().eosId().orElseThrow();
            assertThat(model.generationDefaults().config()).isEqualTo(GenerationConfig.endingAt(Set.of(eos)));
        }
        Path file = directory.resolve("generation_config.json");
        Files.writeString(file, "{\"eos_token_id\": [7, 8], \"num_beams\": 2}");
        try (LanguageModel model = LanguageModel.open(directory)) {
            assertThat(model.generationDefaults().config().eosIds()).containsExactlyInAnyOrder(7, 8);
            assertThat(model.generationDefaults().ignored()).containsExactly("num_beams: 2");
            model.save(parent.resolve("saved"));
            assertThat(parent.resolve("saved/generation_config.json")).hasSameBinaryContentAs(file);
        }
        Files.delete(file);
        try (LanguageModel model = LanguageModel.open(directory)) {
            assertThat(model.generationDefaults().config().eosIds()).containsExactly(eos);
        }
    }

    @Test
    void piecesJoinToTheTextAndSamplesHaveRowsOfTheirOwn() {
        List<String> heard = new ArrayList<>(List.of("", "", "", "", "", ""));
        List<Integer> finished = new ArrayList<>();
        GenerationListener listener = new GenerationListener() {
            @Override
            public void text(int row, String piece) {
                heard.set(row, heard.get(row) + piece);
            }

            @Override
            public void finished(int row, GeneratedCompletion completion) {
                finished.add(row);
                assertThat(completion.text()).isEqualTo(heard.get(row));
            }
        };
        try (LanguageModel model = LanguageModel.open(directory)) {
            List<GeneratedCompletion> done = model.generate(PROMPTS, 2, sampled(model), listener);
            assertThat(done).hasSize(6);
            assertThat(finished).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
            for (int row = 0; row < 6; row++) {
                GeneratedCompletion each = done.get(row);
                assertThat(each.text()).isEqualTo(heard.get(row));
                assertThat(java.util.Arrays.copyOf(
                                each.example().ids(), each.example().promptLength()))
                        .isEqualTo(model.encoder()
                                .encodePrompt(PROMPTS.get(row / 2), 1)
                                .ids());
            }
            assertThat(done.get(0).ids()).isNotEqualTo(done.get(1).ids());
            assertThat(model.generate(PROMPTS, 2, sampled(model), GenerationListener.NONE))
                    .isEqualTo(done);
        }
    }

    /** A stop string taken from what the model says anyway must cut it there. */
    @Test
    void aStopStringCutsTheText() {
        try (LanguageModel model = LanguageModel.open(directory)) {
            GenerationConfig config = sampled(model).withEosIds(Set.of());
            GeneratedCompletion free = model.generate(PROMPTS, config).get(0);
            String stop = free.text().substring(7, 10);
            GeneratedCompletion cut = model.generate(PROMPTS, config.withStopStrings(List.of(stop)))
                    .get(0);
            assertThat(cut.finish()).isEqualTo(FinishReason.STOP_STRING);
            assertThat(cut.text())
                    .isEqualTo(free.text().substring(0, free.text().indexOf(stop)));
            assertThat(free.ids()).startsWith(cut.ids());
            assertThat(cut.logProbs()).hasSize(cut.ids().length);
        }
    }

    @Test
    void aStopStringThatSpellsASpecialTokenStopsAtTheToken() {
        try (LanguageModel model = LanguageModel.open(directory)) {
            int eos = model.tokenizer().eosId().orElseThrow();
            String spelling = model.tokenizer().decode(new int[] {eos}, false);
            GenerationConfig config =
                    sampled(model).withMaxNewTokens(4000).withEosIds(Set.of()).withStopStrings(List.of(spelling));
            GeneratedCompletion done =
                    model.generate(List.of(PROMPTS.get(0)), config).get(0);
            assertThat(done.finish()).isEqualTo(FinishReason.STOP_STRING);
            assertThat(done.ids()).endsWith(eos);
            assertThat(done.text()).doesNotContain(spelling);
        }
    }

    @Test
    void aConversationIsWrittenInTheChatFormatAndEndsWhereTheTurnDoes() {
        Content chat = Content.of(List.of(new Message("user", "Hello")));
        try (LanguageModel model =
                LanguageModel.open(directory, policy -> policy.withChatFormat(ChatFormat.HUMAN_ASSISTANT))) {
            GeneratedCompletion done =
                    model.generate(List.of(chat), sampled(model)).get(0);
            int[] prompt = model.tokenizer().encodeContent("\n\nHuman: Hello\n\nAssistant:");
            assertThat(done.example().ids()).containsSubsequence(prompt);
            assertThat(done.text()).doesNotContain("\n\nHuman:");
        }
        try (LanguageModel model = LanguageModel.open(directory)) {
            assertThatThrownBy(() -> model.generate(List.of(chat), sampled(model)))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("--chat-format");
        }
    }

    @Test
    void aPromptThatFillsTheContextIsRefused() {
        try (LanguageModel model = LanguageModel.open(directory)) {
            String text = new String(new byte[ModelPreset.CONTEXT], StandardCharsets.UTF_8).replace('\0', 'a');
            assertThatThrownBy(() -> model.generate(List.of(Content.of(text)), sampled(model)))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("leaves no room");
            assertThatThrownBy(() -> model.generateIds(List.of(new int[0]), sampled(model), GenerationListener.NONE))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("prompt 0 has no token");
        }
    }
}
