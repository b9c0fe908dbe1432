package org.rlhf4j.benchmarks.experiments;

import java.util.ArrayList;
import java.util.List;

/**
 * The runs of one method over the values of one setting.
 *
 * @param method {@code dpo} or {@code ppo}
 * @param key of the setting, such as {@code loss.beta}
 * @param values it takes, one a run
 */
record Sweep(String method, String key, List<String> values) {
    private static final String FORM = "METHOD:KEY=VALUE,VALUE,... with dpo or ppo as METHOD";

    Sweep {
        values = List.copyOf(values);
    }

    /**
     * Reads one as typed: {@code ppo:kl.coef=0.05,0.1}.
     *
     * @throws IllegalArgumentException if it has another form
     */
    static Sweep of(String typed) {
        int colon = typed.indexOf(':');
        int equals = typed.indexOf('=', Math.max(0, colon));
        if (colon < 1 || equals <= colon + 1 || equals == typed.length() - 1) {
            throw new IllegalArgumentException("\"" + typed + "\" is no sweep: " + FORM);
        }
        String method = typed.substring(0, colon);
        if (!List.of("dpo", "ppo").contains(method)) {
            throw new IllegalArgumentException("\"" + typed + "\": no method \"" + method + "\": " + FORM);
        }
        List<String> values = List.of(typed.substring(equals + 1).split(",", -1));
        return new Sweep(method, typed.substring(colon + 1, equals), values);
    }

    /**
     * The settings of each run, those of the method that are the same for all behind the one that varies.
     *
     * @param fixed as typed: {@code ppo:kl.target=4}, of any method
     */
    List<List<String>> runs(List<String> fixed) {
        List<List<String>> runs = new ArrayList<>();
        for (String value : values) {
            List<String> settings = new ArrayList<>(List.of(key + "=" + value));
            fixed.stream()
                    .filter(setting -> setting.startsWith(method + ":"))
                    .map(setting -> setting.substring(method.length() + 1))
                    .forEach(settings::add);
            runs.add(settings);
        }
        return runs;
    }
}
