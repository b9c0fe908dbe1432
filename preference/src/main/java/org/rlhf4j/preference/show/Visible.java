package org.rlhf4j.preference.show;

import java.util.Locale;

/** Texts without characters that a terminal or a browser would act on instead of showing them. */
final class Visible {
    private static final char PICTURES = '\u2400';
    private static final char DELETE = 0x7F;
    private static final char PICTURE_OF_DELETE = '\u2421';

    private Visible() {}

    /**
     * Puts pictures in place of control characters, and names in place of those that are invisible or turn the direction
     * of writing. Line feeds stay; a carriage return before one is left out; a tab becomes four spaces.
     */
    static String of(String text) {
        int i = 0;
        while (i < text.length() && isPlain(text.charAt(i))) {
            i++;
        }
        if (i == text.length()) {
            return text;
        }
        StringBuilder visible = new StringBuilder(text.length() + 16).append(text, 0, i);
        while (i < text.length()) {
            int point = text.codePointAt(i);
            int next = i + Character.charCount(point);
            if (point == '\t') {
                visible.append("    ");
            } else if (point == '\n' || !isHidden(point)) {
                visible.appendCodePoint(point);
            } else if (point != '\r' || next == text.length() || text.charAt(next) != '\n') {
                visible.append(name(point));
            }
            i = next;
        }
        return visible.toString();
    }

    private static boolean isPlain(char c) {
        return (c >= ' ' && c < DELETE) || c == '\n' || (c > 0xA0 && c < 0x300 && c != 0xAD);
    }

    private static boolean isHidden(int point) {
        // U+200C and U+200D join letters and pictures, and belong to the text.
        return Character.isISOControl(point)
                || point == '\u2028'
                || point == '\u2029'
                || (Character.getType(point) == Character.FORMAT
                        && point != 0x200C
                        && point != 0x200D
                        && !isTag(point));
    }

    /** Tags make up flags, and stand behind the picture of a flag. */
    private static boolean isTag(int point) {
        return point >= 0xE0020 && point <= 0xE007F;
    }

    private static String name(int point) {
        if (point < ' ') {
            return String.valueOf((char) (PICTURES + point));
        }
        return point == DELETE
                ? String.valueOf(PICTURE_OF_DELETE)
                : String.format(Locale.ROOT, "\u27E8U+%04X\u27E9", point);
    }
}
