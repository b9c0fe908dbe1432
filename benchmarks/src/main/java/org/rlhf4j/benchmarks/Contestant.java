package org.rlhf4j.benchmarks;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.rlhf4j.lm.LanguageModel;

/**
 * One side of a race: {@code Contestant RACE MODEL ROWS TOKENS}. Says {@code ready}, then makes one step for each line it
 * reads and answers with its seconds, a value that must agree with the peer's, and its memory.
 */
public final class Contestant {
    private Contestant() {}

    /** Runs until its input ends. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[1]);
        int rows = Integer.parseInt(arguments[2]);
        int tokens = Integer.parseInt(arguments[3]);
        try (LanguageModel model = LanguageModel.open(directory);
                Race race = race(arguments[0], model, directory, rows, tokens)) {
            answer(race);
        }
    }

    private static Race race(String name, LanguageModel model, Path directory, int rows, int tokens) {
        return switch (name) {
            case "training" -> new TrainingRace(model, rows, tokens);
            case "generation" -> new GenerationRace(model, rows, tokens);
            case "dpo" -> new DpoRace(model, rows, tokens);
            case "ppo" -> new PpoRace(model, directory, rows, tokens);
            default -> throw new IllegalArgumentException("there is no race \"" + name + "\"");
        };
    }

    /** Answers until the input ends. */
    static void answer(Race race) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        out.println("ready");
        while (in.readLine() != null) {
            long before = ProcessFigures.residentAndResetPeak();
            double cpu = ProcessFigures.cpuSeconds();
            long start = System.nanoTime();
            String value = race.step();
            double seconds = (System.nanoTime() - start) * 1e-9;
            out.printf(
                    Locale.ROOT,
                    "{\"seconds\": %.6f, \"cpu_seconds\": %.3f, \"value\": %s, \"resident_mb\": %d, \"peak_mb\": %d}%n",
                    seconds,
                    ProcessFigures.cpuSeconds() - cpu,
                    value,
                    before >> 20,
                    ProcessFigures.peak() >> 20);
        }
    }
}
