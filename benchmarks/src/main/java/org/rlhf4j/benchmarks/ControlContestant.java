package org.rlhf4j.benchmarks;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.rlhf4j.core.tensor.Torch;

/**
 * Our side of a race in control environments: {@code ControlContestant stepping ENV single|sync|vector SIZE STEPS} or
 * {@code ControlContestant sb3|zoo|cleanrl STEPS}. Says {@code ready}, then makes one turn for each line it reads and answers
 * with its seconds, its steps, and a value that must agree with the peer's.
 */
public final class ControlContestant {
    private ControlContestant() {}

    /** Runs until its input ends. */
    public static void main(String[] arguments) throws IOException {
        ControlRace race = arguments[0].equals("stepping")
                ? SteppingRace.of(
                        arguments[1], arguments[2], Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]))
                : new LearningRace(arguments[0], Long.parseLong(arguments[1]));
        // Loading the engine is part of starting the process, as importing torch is on the other side.
        Torch.start();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        out.println("ready");
        for (int number = 1; in.readLine() != null; number++) {
            double cpu = ProcessFigures.cpuSeconds();
            long start = System.nanoTime();
            ControlRace.Turn turn = race.turn(number);
            double seconds = (System.nanoTime() - start) * 1e-9;
            out.printf(
                    Locale.ROOT,
                    "{\"seconds\": %.6f, \"cpu_seconds\": %.6f, \"steps\": %d, \"value\": %s}%n",
                    seconds,
                    ProcessFigures.cpuSeconds() - cpu,
                    turn.steps(),
                    turn.value().getAsDouble());
        }
    }
}
