package org.rlhf4j.cli.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.doctor.Finding.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf doctor}: one line a check, and what to do. */
@Command(
        name = "doctor",
        description =
                "Check whether this machine can train: Java, memory, disk, locks, clock, tensor library, device, threads."
                        + " Each line is ok, a warning or a problem, with what to do; the exit code is 1 where there"
                        + " is a problem.")
public final class DoctorCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
            arity = "0..1",
            paramLabel = "DIR",
            description = "Directory in which runs shall be written; the current one by default.")
    private Path runs = Path.of("").toAbsolutePath();

    @Option(names = "--json", description = "Print the findings as one JSON object, on the last line.")
    private boolean json;

    DoctorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        return report(new Machine(runs).checks());
    }

    /** Runs each check and says at once what it found, because the next one may be the process's last. */
    int report(List<Supplier<Finding>> checks) {
        List<Finding> findings = new ArrayList<>();
        for (Supplier<Finding> check : checks) {
            Finding finding = outcome(check);
            findings.add(finding);
            terminal.result("%s", finding.line());
        }
        long problems = count(findings, Level.PROBLEM);
        long warnings = count(findings, Level.WARNING);
        terminal.result(
                "%d checks, %s, %s", findings.size(), counted(problems, "problem"), counted(warnings, "warning"));
        if (json) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("problems", problems);
            values.put("warnings", warnings);
            values.put("checks", findings.stream().map(Finding::toJson).toList());
            terminal.json(values);
        }
        return problems == 0 ? ExitCode.DONE : ExitCode.FAILED;
    }

    /** A check that fails itself is a finding too, and keeps none of the others from being made. */
    private static Finding outcome(Supplier<Finding> check) {
        try {
            return check.get();
        } catch (RuntimeException | LinkageError e) {
            return Finding.problem("doctor", "a check failed: %s", Checks.oneLine(e));
        }
    }

    private static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private static long count(List<Finding> findings, Level level) {
        return findings.stream().filter(finding -> finding.level() == level).count();
    }
}
