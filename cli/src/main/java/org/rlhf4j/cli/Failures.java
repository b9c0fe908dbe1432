package org.rlhf4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.RefusedException;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.core.config.ConfigException;
import org.rlhf4j.core.optim.NonFiniteException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever went wrong into one line on standard error and an exit code; {@code --verbose} adds the stack. */
record Failures(Terminal terminal) implements IParameterExceptionHandler, IExecutionExceptionHandler {
    /** What libtorch says where memory ends: its allocator for processors, and that for GPUs. */
    private static final String ENGINE_MEMORY = "can't allocate memory";

    private static final String GPU_MEMORY = "CUDA out of memory";

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        String name = command.qualifiedName();
        String problem =
                unknownOption(command, args).orElseGet(() -> oneLine(String.valueOf(e.getMessage())) + suggestions(e));
        terminal.note("%s: %s (see %s --help)", name, problem, name);
        return ExitCode.USAGE;
    }

    /** A misspelt option, which picocli would report as the absence of the option that was meant. */
    private static Optional<String> unknownOption(CommandSpec command, String[] args) {
        Set<String> known = command.optionsMap().keySet();
        return Arrays.stream(args)
                .filter(arg -> arg.startsWith("--") && arg.length() > 2)
                .map(arg -> arg.split("=", 2)[0])
                .filter(option -> !known.contains(option))
                .findFirst()
                .map(option -> NearestName.unknown(
                        "option",
                        option,
                        known.stream()
                                .filter(each -> each.startsWith("--"))
                                .sorted()
                                .toList()));
    }

    private static String suggestions(ParameterException e) {
        List<String> nearest =
                e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        return nearest.isEmpty() ? "" : "; did you mean " + String.join(" or ", nearest) + "?";
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, @Nullable ParseResult parsed) {
        terminal.note("%s: %s", command.getCommandSpec().qualifiedName(), describe(e));
        if (parsed != null) {
            showStack(e, parsed.originalArgs());
        }
        if (e instanceof RefusedException) {
            return ExitCode.REFUSED;
        }
        if (e instanceof NonFiniteException) {
            return ExitCode.DIVERGED;
        }
        return e instanceof UsageException || e instanceof ConfigException ? ExitCode.USAGE : ExitCode.FAILED;
    }

    /** Where it happened, for those who asked. */
    void showStack(Throwable e, List<String> args) {
        if (args.contains("--verbose")) {
            StringWriter stack = new StringWriter();
            e.printStackTrace(new PrintWriter(stack));
            terminal.note("%s", stack);
        }
    }

    /** One line that says what happened; the messages of the file system alone are only a path. */
    static String describe(Throwable e) {
        boolean wraps = e instanceof java.io.UncheckedIOException || e instanceof ExceptionInInitializerError;
        Throwable cause = wraps && e.getCause() != null ? e.getCause() : e;
        String message = oneLine(String.valueOf(cause.getMessage()));
        if (cause instanceof OutOfMemoryError) {
            return "the memory of Java is used up (" + message
                    + "): give it more, with RLHF4J_JAVA_OPTS=-Xmx8g or the like";
        }
        if (message.contains(ENGINE_MEMORY) || message.contains(GPU_MEMORY)) {
            return "there is too little memory: lower --micro-batch-size or --max-length, or give --gradient-checkpointing or"
                    + " --lora (" + cause.getClass().getSimpleName() + "; --verbose shows what the engine says)";
        }
        if (cause instanceof NoSuchFileException) {
            return "no such file or directory: " + message;
        }
        if (cause instanceof AccessDeniedException) {
            return "permission denied: " + message;
        }
        if (cause instanceof FileAlreadyExistsException) {
            return "already exists: " + message;
        }
        if (cause instanceof IOException || isOurs(cause)) {
            return message;
        }
        return cause.getClass().getSimpleName() + ": " + message + " (run again with --verbose for the details)";
    }

    /** Our own exceptions, and those for bad values, carry a message written for the user. */
    private static boolean isOurs(Throwable e) {
        return e.getClass().getName().startsWith("org.rlhf4j.")
                || e instanceof IllegalArgumentException
                || e instanceof IllegalStateException;
    }

    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
