package org.rlhf4j.cli;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.util.Arrays;
import java.util.List;
import org.rlhf4j.cli.compare.CompareCommand;
import org.rlhf4j.cli.console.Commands;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.control.ControlCommand;
import org.rlhf4j.cli.data.DataCommand;
import org.rlhf4j.cli.doctor.DoctorCommand;
import org.rlhf4j.cli.dpo.DpoCommand;
import org.rlhf4j.cli.generate.GenerateCommand;
import org.rlhf4j.cli.model.ModelCommand;
import org.rlhf4j.cli.ppo.PpoCommand;
import org.rlhf4j.cli.quickstart.QuickstartCommand;
import org.rlhf4j.cli.repeat.ReplayCommand;
import org.rlhf4j.cli.repeat.VerifyCommand;
import org.rlhf4j.cli.reward.RewardCommand;
import org.rlhf4j.cli.reward.ScoreCommand;
import org.rlhf4j.cli.sft.SftCommand;
import org.rlhf4j.cli.train.StandingOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The {@code rlhf} command: the one place where the rooms are put together, the only one that writes to the console
 * and the only one that ends the process.
 */
@Command(
        name = "rlhf",
        description = "Aligns a language model with human preferences: rankings or pairs in, a Hugging Face model out.",
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            QuickstartCommand.class,
            DataCommand.class,
            ModelCommand.class,
            SftCommand.class,
            RewardCommand.class,
            ScoreCommand.class,
            DpoCommand.class,
            PpoCommand.class,
            GenerateCommand.class,
            CompareCommand.class,
            ControlCommand.class,
            VerifyCommand.class,
            ReplayCommand.class,
            DoctorCommand.class,
            CompletionCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:the run failed; one line on stderr says what, where and what to do",
            "2:wrong usage",
            "3:the input data was refused by a check",
            "4:numbers became NaN or infinite in training",
            "129, 130, 143:stopped by HUP, INT (Ctrl-C) or TERM, after a checkpoint where the command writes them",
            "134, 137:crashed in native code; killed (KILL, which systems short of memory send): --resume goes on"
        })
public final class Main {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    boolean help;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Show the stack of a failure, and what the libraries have to say.")
    boolean verbose;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    boolean version;

    private Main() {}

    /**
     * Runs one command and ends the process with its exit code.
     *
     * @param args the command and its options, as typed
     */
    public static void main(String[] args) {
        Logging.quiet(Arrays.asList(args).contains("--verbose"));
        // Pictures are drawn in memory; a display that is named but not there would end the process.
        System.setProperty("java.awt.headless", "true");
        System.exit(run(Terminal.ofProcess(), args));
    }

    /**
     * Runs one command without ending the process.
     *
     * @param terminal where results, progress and errors go
     * @param args the command and its options, as typed
     * @return the exit code, see {@link ExitCode}
     */
    public static int run(Terminal terminal, String... args) {
        try {
            int code = commandLine(terminal).execute(StandingOptions.completed(args));
            terminal.requireOutput();
            return code;
        } catch (IOException | LinkageError | OutOfMemoryError e) {
            // Errors pass picocli by; a person gets one line for them too.
            terminal.note("rlhf: %s", Failures.describe(e));
            new Failures(terminal).showStack(e, Arrays.asList(args));
            return ExitCode.FAILED;
        }
    }

    private static CommandLine commandLine(Terminal terminal) {
        CommandLine root = new CommandLine(new Main(), new TerminalFactory(terminal));
        root.setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setUsageHelpLongOptionsMaxWidth(30)
                .setOut(terminal.outWriter())
                .setErr(terminal.errWriter())
                .setParameterExceptionHandler(new Failures(terminal))
                .setExecutionExceptionHandler(new Failures(terminal));
        return root;
    }

    /** Creates commands whose only constructor takes the terminal, or it and the other commands; everything else as picocli would. */
    private record TerminalFactory(Terminal terminal) implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            Commands commands = Main::run;
            for (Object[] given : List.of(new Object[] {terminal}, new Object[] {terminal, commands})) {
                for (Constructor<?> constructor : type.getDeclaredConstructors()) {
                    if (takes(constructor, given.length)) {
                        constructor.setAccessible(true);
                        return type.cast(constructor.newInstance(given));
                    }
                }
            }
            return CommandLine.defaultFactory().create(type);
        }

        private static boolean takes(Constructor<?> constructor, int count) {
            List<Class<?>> wanted = List.of(Terminal.class, Commands.class);
            return List.of(constructor.getParameterTypes()).equals(wanted.subList(0, count));
        }
    }
}
