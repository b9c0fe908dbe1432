package org.rlhf4j.preference.check;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.Rule.Severity;

/**
 * How bad each rule is taken to be: as the rule says, or as somebody decided.
 *
 * @param changed the rules that somebody decided about; empty for one that is not to be reported
 */
public record Severities(Map<Rule, Optional<Severity>> changed) {
    /** As the rules say. */
    public static final Severities OWN = new Severities(Map.of());

    private static final String OFF = "off";

    /** Copies the map. */
    public Severities {
        changed = Map.copyOf(changed);
    }

    /**
     * Decisions by name.
     *
     * @param settings ids of rules with {@code off}, {@code note}, {@code warning} or {@code error}
     * @return the severities
     * @throws DataFormatException without a place, if there is no such rule or severity
     */
    public static Severities of(Map<String, String> settings) {
        Map<Rule, Optional<Severity>> changed = new EnumMap<>(Rule.class);
        settings.forEach((id, severity) -> changed.put(Rule.named(id), severity(severity)));
        return new Severities(changed);
    }

    private static Optional<Severity> severity(String name) {
        if (name.equals(OFF)) {
            return Optional.empty();
        }
        return Optional.of(Stream.of(Severity.values())
                .filter(severity -> severity.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new DataFormatException(NearestName.unknown(
                        "severity",
                        name.toLowerCase(Locale.ROOT),
                        Stream.concat(
                                        Stream.of(OFF),
                                        Stream.of(Severity.values()).map(Severity::label))
                                .toList()))));
    }

    /** How bad a rule is; empty when it is not to be reported. */
    public Optional<Severity> of(Rule rule) {
        return changed.getOrDefault(rule, Optional.of(rule.severity()));
    }
}
