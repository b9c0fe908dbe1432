package org.rlhf4j.preference.check;

import java.util.ArrayList;
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
        findings = List.copyOf(findings);
        unusedFields = Map.copyOf(unusedFields);
    }

    /** Whether an error was found, which refuses the data. */
    public boolean refused() {
        return count(Rule.Severity.ERROR) > 0;
    }

    /** How many problems of a severity there are. */
    public long count(Rule.Severity severity) {
        return findings.stream()
                .filter(finding -> finding.rule().severity() == severity)
                .mapToLong(Finding::count)
                .sum();
    }

    /** The report as {@code rlhf data check --json} prints it: {@code rows}, {@code problems}, {@code files}. */
    public Map<String, Object> figures() {
        List<Map<String, Object>> problems = new ArrayList<>();
        for (Finding finding : findings) {
            Map<String, Object> problem = new LinkedHashMap<>();
            problem.put("rule", finding.rule().id());
            problem.put("severity", finding.rule().severity().label());
            problem.put("count", finding.count());
            problem.put("first", finding.examples().get(0).place());
            problem.put(
                    "examples",
                    finding.examples().stream().map(CheckReport::figures).toList());
            problems.add(problem);
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("rows", rows);
        figures.put("problems", problems);
        figures.put("refused", refused());
        figures.put("files", files);
        figures.put("unused_fields", unusedFields);
        return figures;
    }

    private static Map<String, Object> figures(Finding.Example example) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("place", example.place());
        figures.put("detail", example.detail());
        return figures;
    }
}
