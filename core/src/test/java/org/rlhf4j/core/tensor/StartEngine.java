package org.rlhf4j.core.tensor;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Starts the engine and prints one line about how that went. */
final class StartEngine {
    private StartEngine() {}

    /** No arguments. */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        try {
            out.println("started " + Torch.describe());
        } catch (EngineStartException e) {
            out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }
}
