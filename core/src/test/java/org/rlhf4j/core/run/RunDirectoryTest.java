package org.rlhf4j.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageObserver.Step;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.train.Progress.StepMetrics;
import org.rlhf4j.core.train.TrainingConfig;

final class RunDirectoryTest {
    private final Path directory;

    RunDirectoryTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void directoriesAboveAreCreatedAndAnEmptyOneIsUsed() throws IOException {
        Path path = directory.resolve("runs").resolve("mit Leerzeichen ü").resolve("1");
        assertThat(RunDirectory.create(Storage.disk(), path).path()).isDirectory();
        RunDirectory again = RunDirectory.create(Storage.disk(), path);
        assertThat(again.model()).isEqualTo(path.resolve("model")).doesNotExist();
    }

    @Test
    void whatIsThereIsNotTouched() throws IOException {
        Path kept = Files.writeString(directory.resolve("kept"), "x");
        assertThatThrownBy(() -> RunDirectory.create(Storage.disk(), directory))
                .isInstanceOf(IOException.class)
                .hasMessage(directory + " is not empty: name a new directory for the run, or delete this one");
        assertThatThrownBy(() -> RunDirectory.create(Storage.disk(), kept))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is a file");
        assertThatThrownBy(() -> RunDirectory.create(Storage.disk(), kept.resolve("run")))
                .isInstanceOf(IOException.class);
        assertThat(kept).hasContent("x");
    }

    @Test
    void theWrittenSettingsRunAgain() throws IOException {
        RunDirectory run = RunDirectory.create(Storage.disk(), directory.resolve("run"));
        TrainingConfig config = TrainingConfig.defaults(3e-5);
        run.writeConfig(config);
        TrainingConfig read = ConfigReader.of(TrainingConfig.class)
                .file(run.path().resolve("config.yaml"))
                .read();
        assertThat(read).isEqualTo(config);
    }

    @Test
    void metricsAreOneObjectALineReadableAtOnce() throws IOException {
        RunDirectory run = RunDirectory.create(Storage.disk(), directory.resolve("run"));
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", 0.5);
        values.put("margin", Double.NaN);
        try (MetricsLog log = run.metrics()) {
            log.accept(new StepMetrics(10, values));
            assertThat(run.metricsFile()).hasContent("{\"step\":10,\"loss\":0.5,\"margin\":null}\n");
        }
        try (MetricsLog log = run.metrics()) {
            log.accept(new StepMetrics(20, Map.of("eval_loss", 1e-7)));
        }
        assertThat(Files.readAllLines(run.metricsFile()))
                .containsExactly("{\"step\":10,\"loss\":0.5,\"margin\":null}", "{\"step\":20,\"eval_loss\":1.0E-7}");
    }

    @Test
    void anInterruptDoesNotCloseTheMetrics() throws IOException {
        RunDirectory run = RunDirectory.create(Storage.disk(), directory.resolve("run"));
        try (MetricsLog log = run.metrics()) {
            Thread.currentThread().interrupt();
            log.accept(new StepMetrics(1, Map.of("loss", 1.0)));
            assertThat(Thread.interrupted()).as("still interrupted").isTrue();
            log.accept(new StepMetrics(2, Map.of("loss", 1.0)));
        }
        assertThat(Files.readAllLines(run.metricsFile())).hasSize(2);
    }

    @Test
    void metricsThatAreLostAreAnErrorThatNamesTheFile() throws IOException {
        Storage full = Storage.disk().observed((step, path) -> {
            if (step == Step.WRITE) {
                throw new IOException("No space left on device");
            }
        });
        RunDirectory run = RunDirectory.create(full, directory.resolve("run"));
        MetricsLog log = run.metrics();
        log.accept(new StepMetrics(1, Map.of("loss", 1.0)));
        assertThat(log.newTrouble().orElse("")).contains("metrics.jsonl", "No space left on device");
        assertThatThrownBy(log::close)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("metrics.jsonl")
                .hasMessageEndingWith("No space left on device; lost of it: 1 line")
                .hasRootCauseMessage("No space left on device");
    }

    @Test
    void provenanceNamesVersionsPlatformSeedAndChecksums() throws IOException {
        Path data = Files.writeString(directory.resolve("pairs.jsonl"), "abc");
        Path model = Files.createDirectory(directory.resolve("model"));
        Files.writeString(model.resolve("b.json"), "");
        Files.writeString(model.resolve("a.json"), "abc");
        RunDirectory run = RunDirectory.create(Storage.disk(), directory.resolve("run"));
        run.writeProvenance(Provenance.of(
                Instant.parse("2026-03-01T12:00:00Z"),
                List.of("rlhf", "reward", "train"),
                7,
                List.of(data),
                List.of(model)));
        JsonNode json = Json.read(run.path().resolve("provenance.json"));
        assertThat(json.at("/rlhf4j/version").asText()).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(json.at("/rlhf4j/commit").asText()).isNotEmpty().doesNotContain("$");
        assertThat(json.at("/started").asText()).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(json.at("/command").toString()).isEqualTo("[\"rlhf\",\"reward\",\"train\"]");
        assertThat(json.at("/seed").asLong()).isEqualTo(7);
        assertThat(json.at("/platform/pytorch").asText()).startsWith("2.");
        assertThat(json.at("/platform/djl").asText()).startsWith("0.");
        assertThat(json.at("/platform/threads").asInt()).isPositive();
        assertThat(json.at("/platform/device").asText()).isNotEmpty();
        assertThat(json.at("/data/0/path").asText()).isEqualTo(data.toString());
        // SHA-256 of "abc" and of nothing, from FIPS 180-4's examples.
        assertThat(json.at("/data/0/sha256").asText())
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(json.at("/data/0/bytes").asLong()).isEqualTo(3);
        assertThat(json.at("/model/0/path").asText()).endsWith("a.json");
        assertThat(json.at("/model/1/sha256").asText())
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @Test
    void aRunThatDoesNotFitTheDiskIsRefused() throws IOException {
        RunDirectory run = RunDirectory.create(Storage.disk(), directory.resolve("run"));
        run.requireSpace(1);
        assertThatThrownBy(() -> run.requireSpace(Long.MAX_VALUE / 2))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("MiB");
    }

    @Test
    void anyStorageStepThatFailsWhileWritingSettingsLeavesNoHalfFile() throws IOException {
        for (Step failing : List.of(Step.CREATE, Step.WRITE, Step.SYNC, Step.RENAME)) {
            Storage faulty = Storage.disk().observed((step, path) -> {
                if (step == failing) {
                    throw new IOException("injected");
                }
            });
            RunDirectory run = RunDirectory.create(faulty, directory.resolve(failing.name()));
            assertThatThrownBy(() -> run.writeConfig(TrainingConfig.defaults(1e-4)))
                    .isInstanceOf(IOException.class);
            assertThat(run.path().resolve("config.yaml")).doesNotExist();
        }
    }
}
