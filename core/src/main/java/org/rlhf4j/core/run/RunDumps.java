package org.rlhf4j.core.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DirectoryTransaction;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.checkpoint.CheckpointStore;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.optim.BadStep;
import org.rlhf4j.core.optim.Diagnosis;
import org.rlhf4j.core.optim.NonFiniteException;
import org.rlhf4j.core.safetensors.WeightRangeException;
import org.rlhf4j.core.train.BadStepHook;

/**
 * The dumps of a run directory: steps whose numbers are not finite, each in {@code step-000123} with the number of that step.
 * A dump is a checkpoint of the state before the step, so that the step can be repeated, with a file {@code problem.json} that
 * says what is wrong. Where that state is gone, it is a copy of the newest checkpoint, from which the run comes to the step
 * again; without any, the step is reached from the beginning, and there is {@code problem.json} alone.
 */
public final class RunDumps implements BadStepHook {
    /** The file beside the state. */
    public static final String PROBLEM = "problem.json";

    private static final String FORMAT = "rlhf4j dump 1";
    private static final int MOST = 3;

    private final Storage storage;
    private final Path directory;
    private final CheckpointStore checkpoints;
    private final List<Path> logs;
    private final Consumer<String> notes;

    /**
     * Dumps in a directory.
     *
     * @param storage what they are written with
     * @param directory where they stand
     * @param checkpoints those of the run
     * @param logs files of the run that are copied into each
     * @param notes is told, a sentence each, where one stands or why there is none
     */
    RunDumps(Storage storage, Path directory, CheckpointStore checkpoints, List<Path> logs, Consumer<String> notes) {
        this.storage = storage;
        this.directory = directory;
        this.checkpoints = checkpoints;
        this.logs = List.copyOf(logs);
        this.notes = notes;
    }

    /** Where that of a step stands, or would. */
    public Path of(long step) {
        return directory.resolve(CheckpointStore.name(step));
    }

    @Override
    public void bad(BadStep step, @Nullable Resumable run) {
        Path target = of(step.problem().step());
        // A pending interrupt would close the files that are written; the loop answers it after this.
        boolean interrupted = Thread.interrupted();
        try {
            // A run that went on from before may come to the same step again.
            if (!Files.exists(target.resolve(PROBLEM))) {
                if (count() == MOST) {
                    return;
                }
                if (Files.exists(target)) {
                    storage.deleteTree(target);
                }
                write(target, step, run);
            }
            notes.accept("the bad step is kept; repeat it with: rlhf replay " + target);
        } catch (IOException e) {
            notes.accept("the bad step could not be kept: " + e.getMessage());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void write(Path target, BadStep step, @Nullable Resumable run) throws IOException {
        byte[] problem = Json.pretty(problem(step)).getBytes(StandardCharsets.UTF_8);
        if (run == null || !written(target, step, run, problem)) {
            copyCheckpoint(target, problem);
        }
    }

    private long count() throws IOException {
        if (!Files.isDirectory(directory)) {
            return 0;
        }
        return Storage.list(directory).stream()
                .filter(entry -> !Storage.isTemporary(entry) && Files.exists(entry.resolve(PROBLEM)))
                .count();
    }

    /** False where a weight is not finite, which no checkpoint holds. */
    private boolean written(Path target, BadStep step, Resumable run, byte[] problem) throws IOException {
        try {
            StateWriter state = new StateWriter();
            run.saveTo(state);
            Storage.requireSpace(directory, state.bytes());
            long before = step.problem().step() - 1;
            CheckpointStore.write(storage, target, before, state, logs, Map.of(PROBLEM, problem));
            return true;
        } catch (WeightRangeException e) {
            return false;
        }
    }

    private void copyCheckpoint(Path target, byte[] problem) throws IOException {
        List<Path> all = checkpoints.checkpoints();
        if (!all.isEmpty()) {
            CheckpointStore.copy(storage, all.get(0), target, Map.of(PROBLEM, problem));
            return;
        }
        try (DirectoryTransaction alone = storage.beginDirectory(target)) {
            alone.write(PROBLEM, problem);
            alone.commit();
        }
    }

    private static ObjectNode problem(BadStep step) {
        NonFiniteException problem = step.problem();
        ObjectNode json = Json.object();
        json.put("format", FORMAT);
        json.put("step", problem.step());
        json.put("tensor", problem.tensor());
        json.put("message", problem.getMessage());
        ArrayNode places = json.putArray("rows");
        problem.places().forEach(places::add);
        try {
            addTo(json, step.diagnosis().get());
        } catch (RuntimeException e) {
            // What else is wrong must not hide what is known.
            json.put("diagnosis_failed", String.valueOf(e.getMessage()));
        }
        return json;
    }

    private static void addTo(ObjectNode json, Diagnosis diagnosis) {
        ArrayNode rows = json.putArray("alone");
        for (Diagnosis.Row row : diagnosis.rows()) {
            ObjectNode one = rows.addObject();
            one.put("row", row.place());
            put(one, "loss", row.loss());
            put(one, "grad_norm", row.gradNorm());
        }
        addTo(json.putObject("gradients"), diagnosis.gradients());
        addTo(json.putObject("weights"), diagnosis.weights());
    }

    private static void addTo(ObjectNode json, Map<String, Double> norms) {
        ArrayNode bad = json.putArray("not_finite");
        Diagnosis.notFinite(norms).forEach(bad::add);
        ObjectNode largest = json.putObject("largest_norms");
        Diagnosis.largest(norms).forEach(largest::put);
    }

    /** JSON has no NaN. */
    private static void put(ObjectNode json, String name, double value) {
        if (Double.isFinite(value)) {
            json.put(name, value);
        } else {
            json.put(name, Double.toString(value));
        }
    }
}
