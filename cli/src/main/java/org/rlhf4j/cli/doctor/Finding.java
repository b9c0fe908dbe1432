package org.rlhf4j.cli.doctor;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What one check found.
 *
 * @param check its name, a word or two
 * @param level how bad it is
 * @param text what is so, and then what to do about it
 */
record Finding(String check, Level level, String text) {
    /** How bad a finding is. */
    enum Level {
        /** As it should be. */
        OK,
        /** Works, but slower or less safely than it could. */
        WARNING,
        /** Keeps some command from working. */
        PROBLEM
    }

    static Finding ok(String check, String text, Object... arguments) {
        return new Finding(check, Level.OK, String.format(Locale.ROOT, text, arguments));
    }

    static Finding warning(String check, String text, Object... arguments) {
        return new Finding(check, Level.WARNING, String.format(Locale.ROOT, text, arguments));
    }

    static Finding problem(String check, String text, Object... arguments) {
        return new Finding(check, Level.PROBLEM, String.format(Locale.ROOT, text, arguments));
    }

    /** For people: {@code warning  threads: ...}. */
    String line() {
        return String.format(Locale.ROOT, "%-7s  %s: %s", word(), check, text);
    }

    /** For scripts. */
    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("check", check);
        json.put("level", word());
        json.put("text", text);
        return json;
    }

    private String word() {
        return level.name().toLowerCase(Locale.ROOT);
    }
}
