package org.rlhf4j.cli.sft;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.CommandRun;

class SftTrainCommandTest {
    private static final String PAIRS_OF_TEXT = """
            {"prompt":"Question 0?","completion":" good"}
            {"prompt":"Question 1?","completion":" well"}
            """;
    private static final String CHATS = """
            {"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},\
            {"role":"user","content":"c"},{"role":"assistant","content":"d"}]}
            """;

    private final Path directory;

    SftTrainCommandTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    private Path start() {
        Path model = directory.resolve("start");
        CommandRun run = CommandRun.of("model", "create", "--preset", "tiny", "--seed", 3, "--out", model);
        assertThat(run.code()).as(run.err()).isZero();
        return model;
    }

    private CommandRun train(Path model, Path data, Object... more) {
        List<Object> args = new ArrayList<>(List.of("sft", "train", "--model", model, "--data", data, "--out"));
        args.addAll(List.of(directory.resolve("run"), "--set", "training.maxSteps=12", "--set"));
        args.addAll(List.of("training.optimizer.learningRate=0.003"));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    @Test
    void trainWritesARunDirectoryWithAModelThatGoesOn() throws IOException {
        Path data = write("sft.jsonl", PAIRS_OF_TEXT);
        CommandRun result = train(start(), data, "--eval-data", data, "--json", "--max-length", 64);
        assertThat(result.code()).as(result.err()).isZero();
        Path run = directory.resolve("run");
        assertThat(run.toFile().list())
                .containsExactlyInAnyOrder("config.yaml", "provenance.json", "run.lock", "metrics.jsonl", "model");
        assertThat(result.json().path("steps").asInt()).isEqualTo(12);
        double loss = result.json().path("metrics").path("eval_loss").asDouble();
        assertThat(loss).isBetween(0.0, 4.0);
        assertThat(result.out())
                .startsWith(run.resolve("model") + " after 12 steps: loss ")
                .contains(" on 12 held-out tokens");
        assertThat(result.err()).contains("sft.jsonl: 2 demonstrations kept, 34 tokens, the longest sequence 17");
        assertThat(Files.readString(run.resolve("config.yaml"))).contains("loss: completion", "completions: best");
        List<JsonNode> metrics = Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(Json::parse)
                .toList();
        for (String name : List.of("loss", "grad_norm", "num_tokens", "entropy", "mean_token_accuracy")) {
            assertThat(metrics.get(0).path(name).isNumber()).as(name).isTrue();
        }
        assertThat(Json.read(run.resolve("model/rlhf4j.json"))
                        .path("encoding")
                        .path("max_length")
                        .asInt())
                .as("the result encodes as it was trained")
                .isEqualTo(64);
        CommandRun further = CommandRun.of(
                "sft",
                "train",
                "--model",
                run.resolve("model"),
                "--data",
                data,
                "--eval-data",
                data,
                "--out",
                directory.resolve("further"),
                "--set",
                "training.maxSteps=1",
                "--set",
                "training.optimizer.learningRate=1e-9",
                "--json");
        assertThat(further.code()).as(further.err()).isZero();
        assertThat(further.json().path("metrics").path("eval_loss").asDouble())
                .as("saved and opened again it is the same model")
                .isCloseTo(loss, org.assertj.core.api.Assertions.within(1e-5));
    }

    @Test
    void conversationsNeedAFormatWhichTheModelKeeps() throws IOException {
        Path data = write("chats.jsonl", CHATS);
        CommandRun without = train(start(), data);
        assertThat(without.code()).isEqualTo(1);
        assertThat(without.err())
                .contains("chats.jsonl:1: the prompt is a conversation")
                .contains("--chat-format chatml");
        assertThat(directory.resolve("run")).doesNotExist();

        CommandRun with = train(directory.resolve("start"), data, "--chat-format", "human-assistant");
        assertThat(with.code()).as(with.err()).isZero();
        assertThat(Files.readString(directory.resolve("run/model/rlhf4j.json"))).contains("human-assistant");
    }

    @Test
    void aRunThatGoesOnTellsItsTemplateTheDayOnWhichItBegan() throws IOException {
        Path model = start();
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{{ strftime_now('%d %b %Y') }}{% for m in messages %}{{ m.role + m.content + eos_token }}{% endfor %}"
                        + "{% if add_generation_prompt %}assistant{% endif %}");
        Path data = write("chats.jsonl", CHATS);
        LocalDate before = LocalDate.now(ZoneOffset.UTC);
        CommandRun stopped = train(model, data, "--stop-after", 1);
        assertThat(stopped.out()).as(stopped.err()).contains("interrupted after 1 steps");
        Path config = directory.resolve("run/config.yaml");
        String settings = Files.readString(config);
        Matcher day = Pattern.compile("today: \"?(\\d{4}-\\d{2}-\\d{2})").matcher(settings);
        assertThat(day.find()).as(settings).isTrue();
        assertThat(LocalDate.parse(day.group(1))).isBetween(before, LocalDate.now(ZoneOffset.UTC));

        // As if that had been in March.
        Files.writeString(config, settings.replace(day.group(1), "2025-03-07"));
        CommandRun resumed = CommandRun.of("sft", "train", "--resume", "--out", directory.resolve("run"));
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(Files.readString(config)).contains("2025-03-07").doesNotContain(day.group(1));
        assertThat(Files.readString(directory.resolve("run/model/rlhf4j.json")))
                .containsPattern("\"template_date\" *: *\"2025-03-07\"");
    }

    @Test
    void theModelsOwnTemplateIsStoredWithItsDay() throws IOException {
        Path model = start();
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{{ strftime_now('%d %b %Y') }}{% for m in messages %}{{ m.role + m.content + eos_token }}{% endfor %}"
                        + "{% if add_generation_prompt %}assistant{% endif %}");
        Path data = write("chats.jsonl", CHATS);
        CommandRun run = train(model, data, "--template-date", "2024-12-31");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(Files.readString(directory.resolve("run/model/rlhf4j.json")))
                .containsPattern("\"chat_format\" *: *\"template\"")
                .containsPattern("\"template_date\" *: *\"2024-12-31\"");
        assertThat(directory.resolve("run/model/chat_template.jinja")).exists();
        CommandRun further = CommandRun.of(
                "sft",
                "train",
                "--model",
                directory.resolve("run/model"),
                "--data",
                data,
                "--out",
                directory.resolve("further"),
                "--set",
                "training.maxSteps=1");
        assertThat(further.code()).as(further.err()).isZero();
        assertThat(Files.readString(directory.resolve("further/model/rlhf4j.json")))
                .as("the stored day stays")
                .containsPattern("\"template_date\" *: *\"2024-12-31\"");
        CommandRun wrong = train(model, data, "--set", "encoding.templateDate=tomorrow");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("templateDate is \"tomorrow\", must be a day");
    }

    @Test
    void textAndRankingsAreImitatedToo() throws IOException {
        Path text = write("text.jsonl", "{\"text\":\"once upon a time\"}\n");
        CommandRun whole = train(start(), text, "--eval-data", text);
        assertThat(whole.code()).as(whole.err()).isZero();
        assertThat(whole.out()).as("16 bytes without the first, and EOS").contains(" on 16 held-out tokens");

        Path rankings = write(
                "rankings.jsonl",
                "{\"prompt\":\"p\",\"completions\":[{\"text\":\"a\",\"rank\":1},{\"text\":\"b\",\"rank\":2}]}\n");
        Path run = directory.resolve("all");
        CommandRun all = CommandRun.of(
                "sft",
                "train",
                "--model",
                directory.resolve("start"),
                "--data",
                rankings,
                "--out",
                run,
                "--completions",
                "all",
                "--loss",
                "all",
                "--set",
                "training.maxSteps=1");
        assertThat(all.code()).as(all.err()).isZero();
        assertThat(all.err()).contains("2 demonstrations kept");
        assertThat(Files.readString(run.resolve("config.yaml"))).contains("completions: all", "loss: all");
    }

    @Test
    void badRowsAreNamedWithTheirPlaceBeforeAnythingIsWritten() throws IOException {
        Path model = start();
        Path blank = write("blank.jsonl", PAIRS_OF_TEXT + "{\"prompt\":\"p\",\"completion\":\" \"}\n");
        refused(train(model, blank), "blank.jsonl:3: completion is blank");
        Path silent = write("silent.jsonl", "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}\n");
        refused(train(model, silent), "silent.jsonl:1: messages has no turn with the role \"assistant\"");
        Path prompts = write("prompts.jsonl", "{\"prompt\":\"p\"}\n");
        refused(
                train(model, prompts),
                "prompts.jsonl:1: pairs, rankings, partial orders, demonstrations or unpaired preferences are needed");
        Path good = write("sft.jsonl", PAIRS_OF_TEXT);
        refused(train(model, good, "--max-length", 10), "sft.jsonl:1: 17 tokens, the limit is 10", "2 of 2 rows");
        refused(
                train(model, good, "--max-length", 10, "--on-overlong", "drop"),
                "sft.jsonl: leaves no row to work with");
    }

    private void refused(CommandRun run, String... says) {
        assertThat(run.code()).as(run.err()).isEqualTo(1);
        assertThat(run.err()).contains(says);
        assertThat(directory.resolve("run")).doesNotExist();
    }

    @Test
    void wrongOptionsAreRefusedWithTheNearest() throws IOException {
        Path data = write("sft.jsonl", PAIRS_OF_TEXT);
        CommandRun set = train(directory, data, "--set", "completion=all");
        assertThat(set.code()).isEqualTo(2);
        assertThat(set.err()).contains("completions");
        assertThat(train(directory, data, "--loss", "prompt").code()).isEqualTo(2);
    }

    @Test
    void aModelWithoutTokenizerIsRefusedInOneLine() throws IOException {
        Path model = start();
        Files.delete(model.resolve("tokenizer.json"));
        refused(train(model, write("sft.jsonl", PAIRS_OF_TEXT)), "holds no tokenizer.json");
    }
}
