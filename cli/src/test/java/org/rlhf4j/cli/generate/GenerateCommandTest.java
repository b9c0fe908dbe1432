package org.rlhf4j.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.GenerationListener;
import org.rlhf4j.lm.generate.Sampling;

class GenerateCommandTest {
    @TempDir
    private static Path shared;

    private static Path model = Path.of("");

    @TempDir
    private Path folder;

    @BeforeAll
    static void create() {
        model = shared.resolve("model");
        CommandRun run = CommandRun.of("model", "create", "--preset", "tiny", "--seed", 3, "--out", model);
        assertThat(run.code()).as(run.err()).isZero();
    }

    private static CommandRun generate(String in, Object... more) {
        List<Object> args = new ArrayList<>(List.of("generate", "--model", model, "--max-new-tokens", 12));
        args.addAll(List.of(more));
        return CommandRun.withInput(in, args.toArray());
    }

    private static List<JsonNode> rows(CommandRun run) {
        assertThat(run.code()).as(run.err()).isZero();
        return run.out().lines().map(Json::parse).toList();
    }

    /** More prompts than one window, so that the rows of the second one must go on counting. */
    @Test
    void completionsComeInOrderAndAreThoseOfTheLibrary() throws IOException {
        int count = 520;
        List<Content> prompts = new ArrayList<>();
        StringBuilder in = new StringBuilder();
        for (int i = 0; i < count; i++) {
            String prompt = "Prompt ".repeat(i % 4) + i;
            prompts.add(Content.of(prompt));
            in.append("{\"id\":")
                    .append(i)
                    .append(",\"prompt\":\"")
                    .append(prompt)
                    .append("\"}\n");
        }
        Path file = Files.writeString(folder.resolve("in.jsonl"), in);
        Path out = folder.resolve("out.jsonl");
        CommandRun run = generate(
                "",
                "--in",
                file,
                "--out",
                out,
                "--temperature",
                0.9,
                "--top-k",
                50,
                "--seed",
                7,
                "--samples",
                2,
                "--logprob");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("1040 completions, ");
        List<JsonNode> rows = Files.readAllLines(out).stream().map(Json::parse).toList();
        try (LanguageModel opened = LanguageModel.open(model)) {
            GenerationConfig config = opened.generationDefaults()
                    .config()
                    .withMaxNewTokens(12)
                    .withSampling(new Sampling(0.9, 50, 1, 0, 1))
                    .withSeed(7);
            List<GeneratedCompletion> expected = opened.generate(prompts, 2, config, GenerationListener.NONE);
            assertThat(rows).hasSameSizeAs(expected);
            for (int i = 0; i < rows.size(); i++) {
                assertThat(rows.get(i).properties().stream().map(java.util.Map.Entry::getKey))
                        .containsExactly("prompt", "completion", "finish", "logprob");
                assertThat(Content.of(rows.get(i).path("prompt").asText())).isEqualTo(prompts.get(i / 2));
                assertThat(rows.get(i).path("completion").asText())
                        .isEqualTo(expected.get(i).text());
                assertThat(rows.get(i).path("finish").asText())
                        .isEqualTo(expected.get(i).finish().label());
            }
        }
    }

    @Test
    void onePromptIsCompletedAsTextAndAsARow() {
        CommandRun text = generate("", "--prompt", "Once");
        assertThat(text.code()).as(text.err()).isZero();
        CommandRun row = generate("", "--prompt", "Once", "--json");
        assertThat(rows(row)).hasSize(1);
        assertThat(text.out()).isEqualTo(row.json().path("completion").asText() + "\n");
        assertThat(row.json().path("finish").asText()).isEqualTo("length");
        assertThat(text.err()).startsWith("1 completion, 12 tokens, ");
        assertThat(rows(generate("", "--prompt", "Once", "--samples", 3, "--temperature", 1)))
                .hasSize(3)
                .extracting(each -> each.path("completion").asText())
                .doesNotHaveDuplicates();
    }

    @Test
    void aStopStringEndsTheCompletion() {
        String free = rows(generate("{\"prompt\":\"Once\"}", "--temperature", 1))
                .get(0)
                .path("completion")
                .asText();
        String stop = free.substring(4, 6);
        JsonNode cut = rows(generate(
                        "{\"prompt\":\"Once\"}", "--temperature", 1, "--stop", "never here", "--stop", stop))
                .get(0);
        assertThat(cut.path("completion").asText()).isEqualTo(free.substring(0, free.indexOf(stop)));
        assertThat(cut.path("finish").asText()).isEqualTo("stop_string");
    }

    @Test
    void aConversationGetsTheAssistantsTurn() {
        String chat = "{\"prompt\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
        JsonNode row = rows(generate(chat, "--chat-format", "chatml")).get(0);
        assertThat(row.path("prompt").get(0).path("content").asText()).isEqualTo("Hi");
        assertThat(row.path("completion").get(0).path("role").asText()).isEqualTo("assistant");
        CommandRun refused = generate("\n" + chat);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("standard input:2").contains("--chat-format");
    }

    @Test
    void theModelsOwnTemplateWritesConversations() throws IOException {
        Path templated = copyOfModel("templated");
        Path template = templated.resolve("chat_template.jinja");
        Files.writeString(
                template,
                "{% for m in messages %}{{ m.role + ': ' + m.content + eos_token }}{% endfor %}"
                        + "{% if add_generation_prompt %}assistant:{% endif %}");
        Path in = Files.writeString(
                folder.resolve("chat.jsonl"), "{\"prompt\":[{\"role\":\"user\",\"content\":\"Hi\"}]}\n");
        String info = CommandRun.of("model", "info", templated).out();
        assertThat(info).contains("template    writes conversations (--chat-format template)");
        JsonNode row = rows(CommandRun.of(
                        "generate", "--model", templated, "--max-new-tokens", 3, "--temperature", 1, "--in", in))
                .get(0);
        assertThat(row.path("completion").get(0).path("role").asText()).isEqualTo("assistant");
        Files.writeString(template, "line one\n{% if %}");
        CommandRun broken = CommandRun.of("generate", "--model", templated, "--in", in);
        assertThat(broken.code()).isEqualTo(1);
        assertThat(broken.err()).contains("chat_template.jinja, line 2").contains("choose another --chat-format");
        assertThat(CommandRun.of("model", "info", templated).out()).contains("chat_template.jinja, line 2");
        assertThat(CommandRun.of("generate", "--model", templated, "--prompt", "x", "--max-new-tokens", 2)
                        .code())
                .isZero();
    }

    private Path copyOfModel(String name) throws IOException {
        Path copy = folder.resolve(name);
        Files.createDirectory(copy);
        try (var files = Files.list(model)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    @Test
    void badOptionsAndRowsAreNamed() {
        usage("temperature is -1.0, must be 0 or at least", "--prompt", "x", "--temperature", -1);
        usage("add --temperature", "--prompt", "x", "--top-k", 5);
        usage("--samples is 0", "--prompt", "x", "--samples", 0);
        usage("--prompt", "--prompt", "x", "--in", "y.jsonl");
        CommandRun row = generate("{\"prompt\":\"fine\"}\n{\"text\":\"x\"}\n");
        assertThat(row.code()).isEqualTo(1);
        assertThat(row.err()).contains("standard input:2: field \"prompt\" is missing");
    }

    private static void usage(String message, Object... args) {
        CommandRun run = generate("", args);
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }

    @Test
    void settingsOfTheModelThatAreNotSupportedAreTold() throws IOException {
        Path copy = copyOfModel("copy");
        Files.writeString(copy.resolve("generation_config.json"), "{\"num_beams\": 4, \"max_new_tokens\": 3}");
        CommandRun run = CommandRun.of("generate", "--model", copy, "--prompt", "x");
        assertThat(run.code()).isZero();
        assertThat(run.err())
                .contains("num_beams: 4 is not supported and left out")
                .contains("1 completion, 3 tokens");
    }
}
