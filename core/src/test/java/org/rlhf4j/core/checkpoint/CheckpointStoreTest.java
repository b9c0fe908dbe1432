package org.rlhf4j.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageObserver.Step;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;

/** What is written is read again to the bit, and what was damaged is never read. */
final class CheckpointStoreTest {
    private static final double SMALLEST = Double.MIN_VALUE;

    private final Path directory;
    private final CheckpointStore store;
    private final Parameters weights = Torch.call(Parameters::new);

    CheckpointStoreTest(@TempDir Path directory) {
        this.directory = directory.resolve("checkpoints");
        this.store = new CheckpointStore(Storage.disk(), this.directory, 2);
        Torch.run(() -> weights.put(
                "w", HostCopy.create(weights.manager(), new Shape(3), new float[] {1e-42f, -0f, Float.MAX_VALUE})));
    }

    @AfterEach
    void close() {
        weights.close();
    }

    private StateWriter state(double number) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("z", 0.1 + 0.2);
        figures.put("a", Double.NaN);
        StateWriter state = new StateWriter()
                .put("number", number)
                .put("steps", Long.MIN_VALUE)
                .put("on", true)
                .put("text", "a\n\"b\"")
                .put("figures", figures);
        state.within("part").put("number", SMALLEST).tensors("weights", Map.of("w", weights.get("w")));
        return state;
    }

    @Test
    void everyBitComesBack() throws IOException {
        store.save(7, state(Double.NEGATIVE_INFINITY), List.of(), note -> {});
        StateReader read = store.newest(note -> {}).orElseThrow();
        assertThat(read.step()).isEqualTo(7);
        assertThat(read.number("number")).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(read.integer("steps")).isEqualTo(Long.MIN_VALUE);
        assertThat(read.bool("on")).isTrue();
        assertThat(read.text("text")).isEqualTo("a\n\"b\"");
        assertThat(read.figures("figures")).containsExactly(Map.entry("z", 0.1 + 0.2), Map.entry("a", Double.NaN));
        assertThat(read.within("part").number("number")).isEqualTo(SMALLEST);
        try (Parameters target = Torch.call(Parameters::new)) {
            Torch.run(() -> target.put("w", target.manager().zeros(new Shape(3))));
            read.within("part").tensors("weights", Map.of("w", target.get("w")));
            float[] values = Torch.call(() -> target.get("w").toFloatArray());
            assertThat(values).containsExactly(1e-42f, -0f, Float.MAX_VALUE);
        }
    }

    @Test
    void theNewestStayAndLogsAreThoseOfThen() throws IOException {
        Path log = Files.writeString(directory.resolveSibling("metrics.jsonl"), "one\n");
        Path absent = directory.resolveSibling("samples.jsonl");
        for (long step : new long[] {5, 10, 999_999, 1_000_000}) {
            store.save(step, state(0.5), List.of(log, absent), note -> {});
            Files.writeString(log, Files.readString(log) + "more\n");
        }
        assertThat(store.checkpoints())
                .extracting(path -> path.getFileName().toString())
                .containsExactly("step-1000000", "step-999999");
        assertThat(directory.toFile().list()).hasSize(2);
        assertThat(directory.resolve("step-1000000/metrics.jsonl")).hasContent("one\nmore\nmore\nmore\n");
        assertThat(directory.resolve("step-1000000/samples.jsonl")).doesNotExist();
    }

    @Test
    void everyDamageIsSeen() throws IOException {
        Path checkpoint = store.save(1, state(1), List.of(), note -> {});
        for (String file : List.of("state.json", "part-weights.safetensors", "manifest.json")) {
            byte[] whole = Files.readAllBytes(checkpoint.resolve(file));
            for (int at = 0; at < whole.length; at++) {
                byte[] flipped = whole.clone();
                flipped[at] ^= 1;
                Files.write(checkpoint.resolve(file), flipped);
                assertThatThrownBy(() -> CheckpointStore.open(checkpoint))
                        .as("%s, byte %d", file, at)
                        .isInstanceOf(DataFormatException.class);
            }
            Files.write(checkpoint.resolve(file), Arrays.copyOf(whole, whole.length / 2));
            assertThatThrownBy(() -> CheckpointStore.open(checkpoint)).isInstanceOf(DataFormatException.class);
            Files.delete(checkpoint.resolve(file));
            assertThatThrownBy(() -> CheckpointStore.open(checkpoint))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining(file);
            Files.write(checkpoint.resolve(file), whole);
        }
        assertThat(CheckpointStore.open(checkpoint).number("number")).isEqualTo(1);
    }

    @Test
    void theOneBeforeADamagedOneServesAndNothingIsDeleted() throws IOException {
        store.save(1, state(1), List.of(), note -> {});
        Path newest = store.save(2, state(2), List.of(), note -> {});
        Files.writeString(newest.resolve("state.json"), "{}");
        Files.createDirectory(directory.resolve(".tmp-step-000003-0a0b0c0d"));
        List<String> notes = new ArrayList<>();
        assertThat(store.newest(notes::add).orElseThrow().step()).isEqualTo(1);
        assertThat(notes)
                .containsExactly("passed over step-000002, now called damaged-step-000002: "
                        + newest.resolve("state.json") + ": has 2 bytes, "
                        + Files.size(directory.resolve("step-000001/state.json")) + " were written");
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("step-000001", "damaged-step-000002");
        // The run comes to step 2 once more.
        store.save(2, state(2), List.of(), note -> {});
        assertThat(store.newest(notes::add).orElseThrow().step()).isEqualTo(2);
    }

    @Test
    void whereNoneIsWholeThatIsAnErrorAndNothingChanges() throws IOException {
        for (int step = 1; step <= 2; step++) {
            Path checkpoint = store.save(step, state(step), List.of(), note -> {});
            Files.writeString(checkpoint.resolve("state.json"), "{}");
        }
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> store.newest(note -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("no checkpoint in " + directory + " can be used; the newest: "
                            + directory.resolve("step-000002/state.json") + ": has 2 bytes, ")
                    .hasMessageEndingWith(". Start a new run, or move " + directory
                            + " away to let this one start from its beginning");
            assertThat(directory.toFile().list()).containsExactlyInAnyOrder("step-000001", "step-000002");
        }
    }

    @Test
    void aFileThatCannotBeReadNowIsNotDamaged() throws IOException {
        store.save(1, state(1), List.of(), note -> {});
        store.save(2, state(2), List.of(), note -> {});
        Path newest = store.save(3, state(3), List.of(), note -> {});
        Files.writeString(newest.resolve("state.json"), "{}");
        // A loop of links stands for a disk that fails: an error that says nothing of the bytes.
        Path state = directory.resolve("step-000002/state.json");
        Path whole = Files.move(state, directory.resolveSibling("whole"));
        Files.createSymbolicLink(state, state);
        List<String> notes = new ArrayList<>();
        assertThatThrownBy(() -> store.newest(notes::add))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(state.toString());
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("step-000002", "step-000003");
        assertThat(notes).isEmpty();
        Files.delete(state);
        Files.move(whole, state);
        assertThat(store.newest(notes::add).orElseThrow().step()).isEqualTo(2);
    }

    @Test
    void itIsWrittenThoughAnOlderOneCannotBeDeleted() throws IOException {
        List<String> notes = new ArrayList<>();
        CheckpointStore one = new CheckpointStore(failingAt(Step.DELETE, directory), directory, 1);
        one.save(1, state(1), List.of(), notes::add);
        assertThat(one.save(2, state(2), List.of(), notes::add)).isDirectory();
        assertThat(notes).hasSize(1);
        assertThat(notes.get(0))
                .startsWith("the checkpoint of step 2 is written, but an older one could not be deleted: ")
                .endsWith("injected");
        assertThat(store.newest(note -> {}).orElseThrow().step()).isEqualTo(2);
    }

    @Test
    void itIsWrittenOnceItHasItsNameButThenOlderOnesStay() throws IOException {
        List<String> notes = new ArrayList<>();
        CheckpointStore one = new CheckpointStore(Storage.disk(), directory, 1);
        one.save(1, state(1), List.of(), notes::add);
        CheckpointStore failing = new CheckpointStore(failingAt(Step.SYNC_DIRECTORY, directory), directory, 1);
        failing.save(2, state(2), List.of(), notes::add);
        assertThat(notes).hasSize(1);
        assertThat(notes.get(0))
                .startsWith("the checkpoint of step 2 is written, but may be lost when the power fails: ")
                .endsWith("injected");
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("step-000001", "step-000002");
        // What is there and whole need not be written again; what is there and damaged must be.
        one.save(2, state(7), List.of(), notes::add);
        assertThat(CheckpointStore.open(directory.resolve("step-000002")).number("number"))
                .isEqualTo(2);
        Files.writeString(directory.resolve("step-000002/state.json"), "{}");
        one.save(2, state(7), List.of(), notes::add);
        assertThat(CheckpointStore.open(directory.resolve("step-000002")).number("number"))
                .isEqualTo(7);
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("step-000002", "damaged-step-000002");
    }

    private static Storage failingAt(Step failing, Path below) {
        return Storage.disk().observed((step, path) -> {
            boolean parent = step == Step.SYNC_DIRECTORY && !path.endsWith("checkpoints");
            if (step == failing && path.startsWith(below) && !parent) {
                throw new IOException("injected");
            }
        });
    }

    @Test
    void aStateWithNaNIsNotWritten() {
        Torch.run(() -> HostCopy.write(weights.get("w"), new float[] {1, Float.NaN, 2}));
        assertThatThrownBy(() -> store.save(1, state(1), List.of(), note -> {}))
                .hasMessageContaining("tensor \"w\" holds 1 values");
        assertThat(directory.toFile().list()).isEmpty();
    }
}
