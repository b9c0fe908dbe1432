package org.rlhf4j.base;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the valid name that a mistyped one was probably meant to be, and words the error. */
public final class NearestName {
    private NearestName() {}

    /**
     * The known name with the smallest edit distance (insertions, deletions, substitutions and swaps of neighbours;
     * letter case and {@code - _} do not count), the first one where several are equally near.
     *
     * @param given what was typed
     * @param known the valid names
     * @return the nearest name, or nothing where even the nearest differs in more than a third of its letters
     */
    public static Optional<String> of(String given, Collection<String> known) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String name : known) {
            int distance = distance(normal(given), normal(name));
            if (distance < bestDistance && distance <= Math.max(1, name.length() / 3)) {
                best = name;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    /**
     * The sentence for an unknown name: {@code unknown key "lr", did you mean "lrs"? (known: lrs, seed)}.
     *
     * @param kind what is named: "key", "option", "format", ...
     * @param given what was typed
     * @param known the valid names, listed in their order
     * @return one line without a place
     */
    public static String unknown(String kind, String given, Collection<String> known) {
        String hint =
                of(given, known).map(name -> ", did you mean \"" + name + "\"?").orElse("");
        return "unknown " + kind + " \"" + given + "\"" + hint + " (known: " + String.join(", ", known) + ")";
    }

    private static String normal(String name) {
        return name.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /** Optimal string alignment distance. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int substitution = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + substitution);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
