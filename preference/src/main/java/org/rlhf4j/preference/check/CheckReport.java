package org.rlhf4j.preference.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.read.FileSummary;

/**
 * What {@link DataCheck} found.
 *
 * @param rows how many rows were read, bad ones too
 * @param files the files in the order given
 * @param findings the broken rules, errors first; empty when all is well
 * @param unusedFields on how many rows a field stands that nothing uses, by its name
 */
public record CheckReport(long rows, List<FileSummary> files, List<Finding> findings, Map<String, Long> unusedFields) {
    /** Copies the lists. */
    public CheckReport {
        files = List.copyOf(files);
        findings = findings.stream()
                .sorted(Comparator.comparing(Finding::severity).thenComparing(Finding::rule))
                .toList();
        unusedFields = Map.copyOf(unusedFields);
    }

    /** The same findings, as bad as somebody decided; those of rules that are off are left out. */
    public CheckReport with(Severities severities) {
        List<Finding> judged = new ArrayList<>();
        for (Finding finding : findings) {
            severities.of(finding.rule()).ifPresent(severity -> judged.add(finding.as(severity)));
        }
        return new CheckReport(rows, files, judged, unusedFields);
    }

    /** Whether an error was found, which refuses the data. */
    public boolean refused() {
        return count(Rule.Severity.ERROR) > 0;
    }

    /** How many problems of a severity there are. */
    public long count(Rule.Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .mapToLong(Finding::count)
                .sum();
    }

    /** The report as {@code rlhf data check --json} prints it: {@code rows}, {@code problems}, {@code files}. */
    public Map<String, Object> figures() {
        List<Map<String, Object>> problems = new ArrayList<>();
        for (Finding finding : findings) {
            Map<String, Object> problem = new LinkedHashMap<>();
            problem.put("rule", finding.rule().id());
            problem.put("severity", finding.severity().label());
            problem.put("count", finding.count());
            problem.put("first", finding.examples().get(0).place());
            problem.put(
                    "examples",
                    finding.examples().stream().map(CheckReport::figures).toList());
            problem.put("meaning", finding.rule().meaning());
            problem.put("advice", finding.rule().advice());
            problems.add(problem);
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("rows", rows);
        figures.put("problems", problems);
        figures.put("errors", count(Rule.Severity.ERROR));
        figures.put("warnings", count(Rule.Severity.WARNING));
        figures.put("notes", count(Rule.Severity.NOTE));
        figures.put("refused", refused());
        figures.put("files", files);
        figures.put("unused_fields", unusedFields);
        return figures;
    }

    private static Map<String, Object> figures(Finding.Example example) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("place", example.place());
        figures.put("detail", example.detail());
        figures.put("excerpt", example.excerpt());
        return figures;
    }
}
