package org.rlhf4j.core.run;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.rlhf4j.base.Storage;

/** Takes the lock of a run, prints one line about how that went, and holds it until its input ends. */
final class HoldLock {
    private HoldLock() {}

    /** The directory of the run. */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        try (RunLock lock = RunLock.acquire(Storage.disk(), Path.of(arguments[0]), List.of("rlhf", "sft", "train"))) {
            out.println("held" + lock.note().orElse(""));
            while (System.in.read() >= 0) {}
        } catch (IOException e) {
            out.println(e.getMessage());
        }
    }
}
