package org.rlhf4j.cli.console;

/** Runs commands of {@code rlhf} as if they had been typed; for commands that repeat others. */
@FunctionalInterface
public interface Commands {
    /**
     * Runs one.
     *
     * @param terminal where its results, progress and errors go
     * @param args the command and its options
     * @return its exit code
     */
    int run(Terminal terminal, String... args);
}
