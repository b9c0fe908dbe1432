package org.rlhf4j.preference.clean;

import java.text.Normalizer;
import java.util.Locale;

/**
 * Text as it is compared where small differences shall not count: Unicode's compatibility composition NFKC (UAX 15), letter
 * case folded by lower-, upper- and lower-casing without a language, every run of white space one space, none at the ends.
 * Punctuation counts.
 */
final class NormalText {
    private NormalText() {}

    /** The normal form; that of a normal form is itself. */
    static String of(String text) {
        String composed = Normalizer.normalize(text, Normalizer.Form.NFKC);
        // Lower case alone leaves \u00DF beside ss, and upper case alone the capital \u1E9E.
        String lower =
                composed.toLowerCase(Locale.ROOT).toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
        // The sigma that ends a word has no other upper case than the one within.
        String folded = lower.replace('\u03C2', '\u03C3');
        String normal = Normalizer.normalize(folded, Normalizer.Form.NFKC);
        StringBuilder spaced = new StringBuilder(normal.length());
        boolean space = false;
        for (int i = 0; i < normal.length(); i++) {
            char c = normal.charAt(i);
            if (isSpace(c)) {
                space = true;
                continue;
            }
            if (space && !spaced.isEmpty()) {
                spaced.append(' ');
            }
            space = false;
            spaced.append(c);
        }
        return spaced.toString();
    }

    /** White space of Unicode or of Java; none is outside the basic plane. */
    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }
}
