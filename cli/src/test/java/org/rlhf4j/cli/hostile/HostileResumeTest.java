package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.cli.Main;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.core.run.RunDirectory;
import org.rlhf4j.core.run.RunLock;

/** What becomes of a run directory between a crash and {@code --resume}, cases 34, 36, 39, 40, 41 and 48. */
class HostileResumeTest {
    private static final String RESUME = "sft train --resume --out @run";
    private static final String NEWEST = "run/checkpoints/step-000004/";

    private final HostileFiles files;
    private final Path directory;
    private final Path run;

    HostileResumeTest(@TempDir Path directory) {
        this.files = new HostileFiles(directory);
        this.directory = directory;
        this.run = directory.resolve("run");
    }

    /** What a run leaves that is killed after its last step, before the result is saved. */
    @BeforeEach
    void killed() throws IOException {
        files.model("model");
        files.write(
                "rows.jsonl",
                "{\"prompt\":\"Why?\",\"completion\":\"Because.\"}\n{\"prompt\":\"How?\",\"completion\":\"So.\"}\n");
        CommandRun whole = files.run("sft train --model @model --data @rows.jsonl --out @run --checkpoint-steps 2"
                + " --set training.maxSteps=5 --set training.loggingSteps=1");
        assertThat(whole.code()).as(whole.err()).isZero();
        Storage.disk().rename(run.resolve("model"), directory.resolve("expected"));
        Files.copy(run.resolve("metrics.jsonl"), directory.resolve("expected-metrics"));
    }

    private void goesOn(String key) {
        CommandRun resumed = files.run(RESUME);
        String err = resumed.err().replaceAll("[0-9]+ were written", "N were written");
        HostileCase.of(key).isShownBy(new CommandRun(resumed.code(), resumed.out(), err), directory);
        endsAsExpected();
    }

    private void endsAsExpected() {
        assertThat(run.resolve("model/model.safetensors"))
                .hasSameBinaryContentAs(directory.resolve("expected/model.safetensors"));
        assertThat(run.resolve("metrics.jsonl")).hasSameBinaryContentAs(directory.resolve("expected-metrics"));
    }

    @Test
    void aKilledRunGoesOnToTheSameBytes() {
        goesOn("34a");
        files.shows("34b", RESUME);
    }

    @Test
    void beforeTheFirstCheckpointItStartsOver() throws IOException {
        Storage.disk().deleteTree(run.resolve("checkpoints"));
        goesOn("34c");
    }

    @Test
    void aDamagedCheckpointIsPassedOver() {
        byte[] weights = files.read(NEWEST + "model-weights.safetensors");
        weights[weights.length - 5] ^= 1;
        files.write(NEWEST + "model-weights.safetensors", weights);
        goesOn("36a");
    }

    @Test
    void aCheckpointThatIsCutOffIsPassedOver() {
        byte[] state = files.read(NEWEST + "state.json");
        files.write(NEWEST + "state.json", Arrays.copyOf(state, 100));
        goesOn("36b");
    }

    @Test
    void anEmptyManifestIsPassedOver() {
        files.write(NEWEST + "manifest.json", "");
        goesOn("36c");
    }

    @Test
    void oneProcessARun() throws IOException {
        UnaryOperator<String> same = text ->
                text.replaceAll("process \\d+ on \\S+ since \\S+:", "process 4711 on HOST since 2026-01-01T00:00:00Z:");
        try (RunLock lock = RunDirectory.open(Storage.disk(), run).lock(List.of("sft", "train"))) {
            assertThat(lock.note()).isEmpty();
            files.shows("39a", RESUME, same);
        }
        // What a crash leaves: the files of the lock, which nobody holds.
        files.write("run/run.lock", "");
        files.write("run/run.owner.json", "{\"pid\":4711,\"host\":\"HOST\",\"since\":\"2026-01-01T00:00:00Z\"}");
        goesOn("39b");
    }

    @Test
    void aRunThatWasMovedGoesOnWhereItIs() throws IOException {
        Files.move(run, directory.resolve("moved"));
        CommandRun resumed = files.run(RESUME.replace("@run", "@moved"));
        HostileCase.of("40a").isShownBy(resumed, directory);
        assertThat(directory.resolve("moved/model/model.safetensors"))
                .hasSameBinaryContentAs(directory.resolve("expected/model.safetensors"));
    }

    @Test
    void withoutItsSettingsThereIsNoRun() throws IOException {
        Files.delete(run.resolve("config.yaml"));
        files.shows("40b", RESUME);
    }

    @Test
    void aRunGoesOnAsItWas() throws IOException {
        files.shows("41a", RESUME + " --set training.optimizer.learningRate=0.1");
        files.shows("41b", RESUME + " --seed 7");
        Files.copy(run.resolve("provenance.json"), directory.resolve("provenance"));
        ObjectNode provenance = (ObjectNode) Json.read(run.resolve("provenance.json"));
        ((ObjectNode) provenance.path("rlhf4j")).put("version", "0.0.9");
        files.write("run/provenance.json", Json.write(provenance));
        files.shows("41c", RESUME, text -> text.replaceAll("is \\S+\\. To", "is 0.1.0. To"));
        Files.copy(
                directory.resolve("provenance"), run.resolve("provenance.json"), StandardCopyOption.REPLACE_EXISTING);
        files.write("rows.jsonl", "{\"prompt\":\"Why?\",\"completion\":\"No.\"}\n");
        files.shows("41d", RESUME, text -> text.replaceAll("[0-9a-f]{64}", "SHA-256"));
    }

    @Test
    void whatMayChangeIsAllowedByNameAndRecorded() {
        CommandRun resumed = files.run(
                RESUME + " --set training.optimizer.learningRate=0.1 --allow-changed training.optimizer.learningRate");
        HostileCase.of("41e").isShownBy(resumed, directory);
        assertThat(Json.read(run.resolve("provenance.json"))
                        .path("resumed")
                        .get(0)
                        .path("changed")
                        .toString())
                .contains("learningRate");
    }

    @Test
    void metricsAreThoseOfTheCheckpoint() {
        byte[] metrics = files.read("run/metrics.jsonl");
        files.write("run/metrics.jsonl", Arrays.copyOf(metrics, 30));
        goesOn("48a");
    }

    @Test
    void changedMetricsAreKeptBesideThoseOfTheCheckpoint() {
        String metrics = new String(files.read("run/metrics.jsonl"), StandardCharsets.UTF_8);
        files.write("run/metrics.jsonl", metrics.replaceFirst("\"step\":1", "\"step\":9"));
        goesOn("48b");
        assertThat(run.resolve("metrics.jsonl.changed")).content().contains("\"step\":9");
    }

    @Test
    void aClosedOutputDoesNotDisturbTheTraining() {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(closed, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false);
        int code = Main.run(terminal, files.words(RESUME));
        HostileCase.of("48c").isShownBy(new CommandRun(code, "", err.toString(StandardCharsets.UTF_8)), directory);
        endsAsExpected();
    }
}
