package org.rlhf4j.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.preference.format.RowFormat;

class FormatsCommandTest {
    private final Path directory;

    FormatsCommandTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void everyFormatIsListed() {
        CommandRun result = CommandRun.withInput("", "data", "formats", "--json");
        assertThat(result.code()).isZero();
        List<String> names = new ArrayList<>();
        for (JsonNode format : result.json().path("formats")) {
            names.add(format.path("name").asText());
            assertThat(format.path("layout").asText()).isNotBlank();
            assertThat(format.path("schema").asText()).isNotBlank();
        }
        assertThat(names)
                .isEqualTo(RowFormat.all().stream().map(RowFormat::name).toList());
    }

    @Test
    void oneFormatIsShownWithItsSettings() {
        CommandRun result = CommandRun.withInput("", "data", "formats", "shp");
        assertThat(result.code()).isZero();
        assertThat(result.out()).isEqualTo("""
                shp (pairs)
                  {"history", "human_ref_A", "human_ref_B", "labels", "score_ratio"}, labels 1 where A is preferred, 0 where B
                  --with min-score-ratio=VALUE: leaves out rows whose score_ratio is lower; the data card advises 2 or more \
                (default: 1.0)
                  documented in https://huggingface.co/datasets/stanfordnlp/SHP, https://huggingface.co/datasets/stanfordnlp/SHP-2
                """);
        CommandRun wrong = CommandRun.withInput("", "data", "formats", "shq");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("unknown format \"shq\", did you mean \"shp\"?");
    }

    @Test
    void aTableOfTheArticleIsConvertedAndASettingIsPassedOn() throws IOException {
        Path in = directory.resolve("table.jsonl");
        Files.writeString(
                in,
                "{\"Input text\":\"Fog delayed the ferry.\",\"Summary 1\":\"Fog.\",\"Summary 2\":\"A late ferry.\","
                        + "\"Preference\":1}\n");
        Path out = directory.resolve("pairs.jsonl");
        CommandRun asTold = CommandRun.withInput("", "data", "convert", "--in", in, "--out", out);
        assertThat(asTold.code()).isZero();
        assertThat(Files.readString(out))
                .isEqualTo(
                        "{\"prompt\":\"Fog delayed the ferry.\",\"chosen\":\"Fog.\",\"rejected\":\"A late ferry.\"}\n");
        CommandRun coded = CommandRun.withInput("", "data", "convert", "--in", in, "--out", out, "--with", "codes=0/1");
        assertThat(coded.code()).isZero();
        assertThat(Files.readString(out)).contains("\"chosen\":\"A late ferry.\"");
        CommandRun unknown =
                CommandRun.withInput("", "data", "convert", "--in", in, "--out", out, "--with", "code=0/1");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("unknown setting \"code\", did you mean \"codes\"?");
    }

    @Test
    void columnsAreNamedOnTheCommandLine() throws IOException {
        Path in = directory.resolve("rows.jsonl");
        Files.writeString(in, "{\"question\":\"p\",\"good\":\"a\",\"bad\":\"b\"}\n");
        Path out = directory.resolve("pairs.jsonl");
        CommandRun result = CommandRun.withInput(
                "",
                "data",
                "convert",
                "--in",
                in,
                "--out",
                out,
                "--column",
                "prompt=question",
                "--column",
                "chosen=good",
                "--column",
                "rejected=bad");
        assertThat(result.code()).isZero();
        assertThat(Files.readString(out)).isEqualTo("{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\"}\n");
        CommandRun missing = CommandRun.withInput("", "data", "check", in, "--column", "prompt=query");
        assertThat(missing.out() + missing.err()).contains("there is no field \"query\" to be taken for \"prompt\"");
    }

    @Test
    void rowsThatASettingLeavesOutAreCounted() throws IOException {
        Path in = directory.resolve("shp.jsonl");
        String row = "{\"history\":\"p\",\"human_ref_A\":\"a\",\"human_ref_B\":\"b\",\"labels\":1,\"score_ratio\":";
        Files.writeString(in, row + "3.5}\n" + row + "1.5}\n");
        Path out = directory.resolve("pairs.jsonl");
        CommandRun result = CommandRun.withInput(
                "", "data", "convert", "--in", in, "--out", out, "--with", "min-score-ratio=2", "--json");
        assertThat(result.code()).isZero();
        assertThat(result.out()).startsWith(out + ": 2 rows in, 1 pairs out\n");
        assertThat(result.err()).contains("nothing-compared 1 (", in + ":2", "score_ratio is 1.5, below 2.0");
        assertThat(result.json().path("rows_dropped").asInt()).isZero();
        assertThat(result.json().path("dropped").path("nothing-compared").asInt())
                .isEqualTo(1);
    }
}
