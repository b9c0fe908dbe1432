package org.rlhf4j.preference.clean;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Row;

/**
 * Keeps texts by what they are made of, in any language: shares of the characters (code points) of a Unicode category, of
 * URLs, and the length of the longest line. Shares of letters and digits are of the characters that are not white space.
 */
final class CharacterRules extends RowFilter {
    static final List<StepParameter> PARAMETERS = List.of(
            Subject.PARAMETER,
            StepParameter.share("min-letters", null, "least share of letters and marks among what is not white space"),
            StepParameter.share("max-digits", null, "greatest share of digits among what is not white space"),
            StepParameter.share("max-controls", 0.0, "greatest share of control characters, without tab and line ends"),
            StepParameter.share("max-replacements", 0.0, "greatest share of U+FFFD, which stands for a lost character"),
            StepParameter.share("max-urls", null, "greatest share of characters in http:// and https:// addresses"),
            StepParameter.count("max-line", "most characters of a line"));

    private static final Pattern URL = Pattern.compile("https?://\\S+", Pattern.CASE_INSENSITIVE);
    private static final int LETTERS = 1 << Character.UPPERCASE_LETTER
            | 1 << Character.LOWERCASE_LETTER
            | 1 << Character.TITLECASE_LETTER
            | 1 << Character.MODIFIER_LETTER
            | 1 << Character.OTHER_LETTER
            | 1 << Character.NON_SPACING_MARK
            | 1 << Character.ENCLOSING_MARK
            | 1 << Character.COMBINING_SPACING_MARK;

    private final Subject subject;
    private final @Nullable Double minLetters;
    private final @Nullable Double maxDigits;
    private final double maxControls;
    private final double maxReplacements;
    private final @Nullable Double maxUrls;
    private final @Nullable Long maxLine;

    CharacterRules(StepSettings settings) {
        subject = Subject.of(settings);
        minLetters = settings.numberOrNull("min-letters");
        maxDigits = settings.numberOrNull("max-digits");
        maxControls = settings.number("max-controls");
        maxReplacements = settings.number("max-replacements");
        maxUrls = settings.numberOrNull("max-urls");
        maxLine = settings.wholeOrNull("max-line");
    }

    @Override
    @Nullable
    Removed judge(int number, Located<Row> row) {
        for (Map.Entry<String, String> text : subject.texts(row).entrySet()) {
            Removed removed = judge(text.getKey(), text.getValue());
            if (removed != null) {
                return removed;
            }
        }
        return null;
    }

    private @Nullable Removed judge(String name, String text) {
        Counts counts = Counts.of(text);
        if (share(counts.controls, counts.all) > maxControls) {
            return removed("controls", name, counts.controls, counts.all, "control characters");
        }
        if (share(counts.replacements, counts.all) > maxReplacements) {
            return removed("replacements", name, counts.replacements, counts.all, "replacement characters");
        }
        if (minLetters != null && counts.visible > 0 && share(counts.letters, counts.visible) < minLetters) {
            return removed("few-letters", name, counts.letters, counts.visible, "letters");
        }
        if (maxDigits != null && share(counts.digits, counts.visible) > maxDigits) {
            return removed("digits", name, counts.digits, counts.visible, "digits");
        }
        if (maxUrls != null) {
            long urls = urls(text);
            if (share(urls, counts.all) > maxUrls) {
                return removed("urls", name, urls, counts.all, "characters of addresses");
            }
        }
        if (maxLine != null && counts.longestLine > maxLine) {
            return new Removed("long-line", name + " has a line of " + counts.longestLine + " characters");
        }
        return null;
    }

    private static Removed removed(String reason, String name, long part, long of, String what) {
        return new Removed(reason, String.format(Locale.ROOT, "%s has %d %s among %d", name, part, what, of));
    }

    private static double share(long part, long of) {
        return of == 0 ? 0 : (double) part / of;
    }

    private static long urls(String text) {
        long characters = 0;
        Matcher matcher = URL.matcher(text);
        while (matcher.find()) {
            characters += text.codePointCount(matcher.start(), matcher.end());
        }
        return characters;
    }

    /** How many characters of each sort a text has. */
    private static final class Counts {
        private long all;
        private long visible;
        private long letters;
        private long digits;
        private long controls;
        private long replacements;
        private long longestLine;

        static Counts of(String text) {
            Counts counts = new Counts();
            long line = 0;
            for (int i = 0; i < text.length(); ) {
                int c = text.codePointAt(i);
                i += Character.charCount(c);
                counts.add(c);
                line = c == '\n' ? 0 : line + 1;
                counts.longestLine = Math.max(counts.longestLine, line);
            }
            return counts;
        }

        private void add(int c) {
            all++;
            int type = Character.getType(c);
            if (type == Character.CONTROL) {
                controls += c == '\t' || c == '\n' || c == '\r' ? 0 : 1;
            } else if (!NormalText.isSpace(c)) {
                visible++;
            }
            letters += (LETTERS >> type) & 1;
            digits += type == Character.DECIMAL_DIGIT_NUMBER ? 1 : 0;
            replacements += c == 0xFFFD ? 1 : 0;
        }
    }
}
