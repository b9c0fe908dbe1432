package org.rlhf4j.core.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.checkpoint.StateReader;

/** Brings the logs of a run back to what they were at a checkpoint. Lines that no checkpoint holds are never deleted. */
final class RunLogs {
    private RunLogs() {}

    /**
     * Makes a log what it was at a checkpoint. A mere part of that is what a power failure leaves; one that has become
     * something else, or of which the checkpoint knows nothing, is kept under another name.
     *
     * @param checkpoint null where there is none
     * @param notes is told what is kept
     */
    static void restore(Storage storage, Path log, @Nullable StateReader checkpoint, Consumer<String> notes)
            throws IOException {
        boolean there = Files.exists(log);
        @Nullable Path copy = checkpoint == null ? null : checkpoint.directory().resolve(log.getFileName());
        if (checkpoint == null || copy == null || !Files.exists(copy)) {
            if (there && Files.size(log) > 0) {
                Path aside = keep(storage, log);
                notes.accept(
                        log + " belongs to no checkpoint: it is kept as " + aside.getFileName() + ", and begins anew");
            }
            return;
        }
        long same = there ? Files.mismatch(copy, log) : 0;
        if (there && same >= 0 && same < Math.min(Files.size(copy), Files.size(log))) {
            Path aside = keep(storage, log);
            notes.accept(log + " is not what the run wrote up to step " + checkpoint.step() + ": it is kept as "
                    + aside.getFileName() + ", and restored from the checkpoint");
        }
        if (same >= 0) {
            Path source = copy;
            storage.writeAtomically(log, out -> Files.copy(source, out));
        }
    }

    private static Path keep(Storage storage, Path log) throws IOException {
        Path aside = Storage.unused(log.resolveSibling(log.getFileName() + ".changed"));
        storage.rename(log, aside);
        storage.syncDirectory(log.resolveSibling(""));
        return aside;
    }
}
