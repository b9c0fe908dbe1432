package org.rlhf4j.base;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds the valid name that a mistyped one was probably meant to be, and words the error. */
public final class NearestName {
    private static final int SHORTEST_BEGINNING = 3;
    private static final int LONGEST_SHOWN = 80;
    private static final Pattern NOT_PRINTABLE = Pattern.compile("[\\p{Cntrl}\\u0085\\u2028\\u2029]");

    private NearestName() {}

    /**
     * The known name with the smallest edit distance (insertions, deletions, substitutions and swaps of neighbours, one
     * each; letter case does not count, nor whether words are joined by {@code -} or {@code _}). At most a third of the
     * letters may differ, and one may always. Where none is that near, the first name of which the given one is the
     * beginning, or that is the beginning of the given one, three letters at least.
     *
     * @param given what was typed
     * @param known the valid names
     * @return the nearest name, the first of several; nothing where none is near
     */
    public static Optional<String> of(String given, Collection<String> known) {
        String typed = normal(given);
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String name : known) {
            int allowed = Math.min(bestDistance - 1, Math.max(1, name.length() / 3));
            if (Math.abs(name.length() - typed.length()) > allowed) {
                continue;
            }
            int distance = distance(typed, normal(name));
            if (distance <= allowed) {
                best = name;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best).or(() -> related(typed, known));
    }

    /**
     * The sentence for an unknown name: {@code unknown key "sed", did you mean "seed"? (known: lr, seed)}.
     *
     * @param kind what is named: "key", "option", "format", ...
     * @param given what was typed
     * @param known the valid names, listed in their order
     * @return one line without a place
     */
    public static String unknown(String kind, String given, Collection<String> known) {
        String hint =
                of(given, known).map(name -> ", did you mean \"" + name + "\"?").orElse("");
        String names = known.isEmpty() ? "there are none" : "known: " + String.join(", ", known);
        return "unknown " + kind + " \"" + shown(given) + "\"" + hint + " (" + names + ")";
    }

    private static Optional<String> related(String typed, Collection<String> known) {
        return known.stream()
                .filter(name -> Math.min(name.length(), typed.length()) >= SHORTEST_BEGINNING)
                .filter(name -> normal(name).startsWith(typed) || typed.startsWith(normal(name)))
                .findFirst();
    }

    /** What was typed, short and on one line. */
    private static String shown(String given) {
        String visible = NOT_PRINTABLE.matcher(given).replaceAll("?");
        return visible.length() <= LONGEST_SHOWN ? visible : visible.substring(0, LONGEST_SHOWN) + "...";
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
