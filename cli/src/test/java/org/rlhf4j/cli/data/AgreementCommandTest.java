package org.rlhf4j.cli.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.cli.CommandRun;

class AgreementCommandTest {
    private final Path directory;

    AgreementCommandTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void agreementIsPrintedAndReported() throws IOException {
        // a and b agree on p and q and not on r; c says what a says on r.
        Path file = file(
                "judged.jsonl",
                row("p", "x", "y", "a"),
                row("p", "x", "y", "b"),
                row("q", "y", "x", "a"),
                row("q", "y", "x", "b"),
                row("r", "x", "y", "a"),
                row("r", "y", "x", "b"),
                row("r", "x", "y", "c"));
        CommandRun run = CommandRun.of("data", "agreement", file, "--bootstrap", 100, "--json");
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .startsWith("7 judgements by 3 annotators of 3 things, 3 of them judged by two or more\n")
                .contains("\n  neither of them a tie        0.600 ")
                .contains("\n  a  2 of 2, 1.000 (")
                .contains("\n  a, b: 3, 0.667, ");
        assertThat(run.json().path("agreement").path("value").doubleValue()).isEqualTo(0.6, within(1e-12));
        assertThat(run.json().path("label_noise_ceiling").path("value").doubleValue())
                .isEqualTo((1 + Math.sqrt(0.2)) / 2, within(1e-12));
        assertThat(CommandRun.of("data", "agreement", file, "--bootstrap", 100, "--json"))
                .isEqualTo(run);
    }

    @Test
    void annotatorsAreRankedByTheirAgreementWithTheOthers() throws IOException {
        Path file = file(
                "judged.jsonl",
                row("p", "x", "y", "a"),
                row("p", "x", "y", "b"),
                row("p", "x", "y", "c"),
                row("p", "y", "x", "d"));
        CommandRun run = CommandRun.of("data", "rank", file, "--of", "annotators", "--json");
        assertThat(run.code()).isZero();
        assertThat(run.json().path("annotators").findValuesAsText("annotator")).containsExactly("a", "b", "c", "d");
        assertThat(run.json().path("annotators").path(3).path("share").doubleValue())
                .isZero();
    }

    @Test
    void withoutAnnotatorsTheCommandSaysWhatToDo() throws IOException {
        Path file = file("plain.jsonl", "{\"prompt\":\"p\",\"chosen\":\"x\",\"rejected\":\"y\"}");
        CommandRun run = CommandRun.of("data", "agreement", file);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("no row says who judged it").contains("--column annotator=FIELD");
        assertThat(CommandRun.of("data", "agreement", file, "--anonymous").out())
                .contains("nothing was judged by two annotators");
    }

    @Test
    void statsOfSeveralFilesNameWhatTheyShare() throws IOException {
        Path a = file("a.jsonl", row("p", "x", "y", "a"), row("p", "x", "y", "b"));
        Path b = file("b.jsonl", "{\"prompt\":\"p\",\"completion\":\"x\",\"label\":true}");
        CommandRun run = CommandRun.of("data", "stats", a, b, "--json");
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("2 annotators, 1 things judged by two or more: alpha ")
                .contains("100.0 % of 1 completions are desirable (95 % interval 20.7 to 100.0)\n")
                .contains(a + " and " + b + " share 1 prompt\n");
        assertThat(run.json().path("prompt_overlap").path(0).path("prompts").asInt())
                .isEqualTo(1);
    }

    private Path file(String name, String... rows) throws IOException {
        return Files.writeString(directory.resolve(name), String.join("\n", rows) + "\n");
    }

    private static String row(String prompt, String chosen, String rejected, String annotator) {
        return "{\"prompt\":\"" + prompt + "\",\"chosen\":\"" + chosen + "\",\"rejected\":\"" + rejected
                + "\",\"annotator\":\"" + annotator + "\"}";
    }
}
