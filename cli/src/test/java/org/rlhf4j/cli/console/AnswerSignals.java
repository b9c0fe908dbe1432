package org.rlhf4j.cli.console;

/** Works until a signal comes, then for as long again as it is told; ends with what {@link Signals} says. */
final class AnswerSignals {
    private AnswerSignals() {}

    /** Milliseconds to go on after the first signal; with one more argument, another watch that ends before. */
    public static void main(String[] arguments) throws InterruptedException {
        Terminal terminal = Terminal.ofProcess();
        if (arguments.length > 1) {
            Signals.watch(terminal).close();
            terminal.note("ready");
            Thread.sleep(60_000);
        }
        try (Signals signals = Signals.watch(terminal)) {
            terminal.note("ready");
            while (!signals.received()) {
                Thread.sleep(5);
            }
            Thread.sleep(Long.parseLong(arguments[0]));
            terminal.note("checkpoint");
            System.exit(signals.exitCode().orElse(0));
        }
    }
}
