package org.rlhf4j.ppo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.checkpoint.CheckpointHook;
import org.rlhf4j.core.checkpoint.CheckpointStore;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;

/** Checkpoints of every step of a run, any of which another run may go on from. */
public final class Checkpoints implements CheckpointHook {
    private final Path folder;
    private final List<Long> steps = new ArrayList<>();

    /** Checkpoints in a folder. */
    public Checkpoints(Path folder) {
        this.folder = folder;
    }

    /** The steps that were saved, in the order in which they were. */
    public List<Long> steps() {
        return steps;
    }

    /** What a run goes on with from one of them; it keeps none of its own. */
    public CheckpointHook from(long step) {
        StateReader saved = CheckpointStore.open(folder.resolve(CheckpointStore.name(step)));
        return new CheckpointHook() {
            @Override
            public Optional<StateReader> resumed() {
                return Optional.of(saved);
            }
        };
    }

    /** What a run goes on with from where another stopped, whose checkpoints go here. */
    public CheckpointHook onwardFrom(CheckpointHook before) {
        return new CheckpointHook() {
            @Override
            public Optional<StateReader> resumed() {
                return before.resumed();
            }

            @Override
            public boolean due(long step) {
                return Checkpoints.this.due(step);
            }

            @Override
            public void save(long step, Resumable run) {
                Checkpoints.this.save(step, run);
            }
        };
    }

    @Override
    public boolean due(long step) {
        return true;
    }

    @Override
    public void save(long step, Resumable run) {
        boolean there = steps.contains(step);
        steps.add(step);
        try {
            StateWriter state = new StateWriter();
            run.saveTo(state);
            if (!there) {
                CheckpointStore store = new CheckpointStore(Storage.disk(), folder, Integer.MAX_VALUE);
                store.save(step, state, List.of(), note -> {});
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
