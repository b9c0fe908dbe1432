package org.rlhf4j.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.JavaProcess;

/** The rules on a clock of our own, and real signals to processes of their own (systems with {@code sh} and {@code kill}). */
class SignalsTest {
    private static final long SECOND = 1_000_000_000;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    private final List<Integer> halts = new ArrayList<>();
    private long nanos = -5;
    private final Signals signals =
            new Signals(new Terminal(InputStream.nullInputStream(), stream, stream, false), halts::add, () -> nanos);

    @Test
    void theFirstSetsAFlagAndTheSecondEndsTheProcess() {
        assertThat(signals.received()).isFalse();
        assertThat(signals.exitCode()).isEmpty();
        signals.deliver("TERM", 15);
        assertThat(signals.received()).isTrue();
        assertThat(signals.exitCode()).hasValue(ExitCode.TERMINATED);
        assertThat(halts).isEmpty();
        nanos += 2 * SECOND;
        signals.deliver("INT", 2);
        assertThat(halts).containsExactly(ExitCode.INTERRUPTED);
        assertThat(signals.exitCode()).hasValue(ExitCode.TERMINATED);
        assertThat(err)
                .hasToString("SIGTERM: stopping after this step, to write a checkpoint; once more stops at once\n");
    }

    @Test
    void whatComesAtTheSameMomentIsOneRequest() {
        signals.deliver("TERM", 15);
        nanos += SECOND - 1;
        signals.deliver("TERM", 15);
        assertThat(halts).isEmpty();
        nanos += 1;
        signals.deliver("TERM", 15);
        assertThat(halts).containsExactly(ExitCode.TERMINATED);
    }

    @Test
    void aTerminalThatGoesAwayNeverEndsTheProcess() {
        signals.deliver("HUP", 1);
        nanos += 10 * SECOND;
        signals.deliver("HUP", 1);
        assertThat(halts).isEmpty();
        assertThat(signals.exitCode()).hasValue(ExitCode.HANGUP);
    }

    @Test
    void realSignalsLetTheProcessFinish() throws Exception {
        try (Answering process = new Answering("true", "0")) {
            process.kill("TERM");
            assertThat(process.rest())
                    .containsExactlyInAnyOrder(
                            "SIGTERM: stopping after this step, to write a checkpoint; once more stops at once",
                            "checkpoint");
            assertThat(process.exitCode()).isEqualTo(ExitCode.TERMINATED);
        }
    }

    @Test
    void aSecondOneEndsTheProcessAtOnce() throws Exception {
        try (Answering process = new Answering("true", "60000")) {
            process.kill("INT");
            assertThat(process.line()).startsWith("SIGINT: stopping after this step");
            Thread.sleep(1_100);
            process.kill("TERM");
            assertThat(process.rest()).isEmpty();
            assertThat(process.exitCode()).isEqualTo(ExitCode.TERMINATED);
        }
    }

    @Test
    void anIgnoredHangupStaysIgnored() throws Exception {
        try (Answering process = new Answering("trap '' HUP", "0")) {
            process.kill("HUP");
            Thread.sleep(200);
            process.kill("TERM");
            assertThat(process.rest()).hasSize(2).anyMatch(line -> line.startsWith("SIGTERM: "));
            assertThat(process.exitCode()).isEqualTo(ExitCode.TERMINATED);
        }
    }

    @Test
    void afterwardsASignalEndsTheProcessAsEver() throws Exception {
        try (Answering process = new Answering("true", "0", "closed")) {
            process.kill("HUP");
            assertThat(process.rest()).isEmpty();
            assertThat(process.exitCode()).isEqualTo(ExitCode.HANGUP);
        }
    }

    /** A process that says it is ready; a shell prepares it. */
    private static final class Answering implements AutoCloseable {
        private final Process process;
        private final BufferedReader output;

        Answering(String preparation, String... arguments) throws IOException {
            List<String> command = new ArrayList<>(List.of("sh", "-c", preparation + "; exec \"$@\"", "sh"));
            command.addAll(new JavaProcess().command(AnswerSignals.class.getName(), arguments));
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            output = process.inputReader(StandardCharsets.UTF_8);
            assertThat(line()).isEqualTo("ready");
        }

        void kill(String signal) throws IOException, InterruptedException {
            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }

        String line() throws IOException {
            return String.valueOf(output.readLine());
        }

        List<String> rest() {
            return output.lines().toList();
        }

        int exitCode() throws InterruptedException {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        }

        @Override
        public void close() throws IOException {
            process.destroyForcibly();
            output.close();
        }
    }
}
