package org.rlhf4j.preference.check;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * UTF-8 that was read as Windows-1252 or Latin-1, as in {@code Ã©} for {@code é}: characters whose bytes in that encoding
 * are a sequence of UTF-8.
 *
 * <p>A single such sequence may be meant: {@code ß“} ends a German quotation. So it counts where two of them follow each
 * other, or where it starts as the common ones do: {@code Â} and {@code Ã} (Latin letters; not where a closing quotation
 * mark may follow a word in capitals), {@code â} (punctuation), {@code ï} (the byte order mark, U+FFFD) and {@code ðŸ}
 * (pictures).
 */
final class Mojibake {
    private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");
    private static final int HIGH = 0x80;
    private static final int BYTES = 0x100;

    /** What Windows-1252 has at 0x80 to 0x9F, in order; its five gaps are the control characters of Latin-1. */
    private static final String WINDOWS = windows();

    private static final String CLOSING = "\u00BB\u201D\u201C\u2019";

    private Mojibake() {}

    /** Whether a sequence may start with it. */
    static boolean mayStart(char c) {
        return c >= 0xC2 && c <= 0xF4;
    }

    /**
     * How many characters from a place are garbled.
     *
     * @param text the text
     * @param at a place in it
     * @return the length of the first sequence; 0 when there is none, or it may be meant
     */
    static int at(String text, int at) {
        int length = sequence(text, at);
        if (length == 0) {
            return 0;
        }
        int end = at + length;
        boolean telling =
                switch (text.charAt(at)) {
                    case '\u00C2', '\u00C3' ->
                        CLOSING.indexOf(text.charAt(at + 1)) < 0
                                || (end < text.length() && Character.isLowerCase(text.charAt(end)));
                    case '\u00E2', '\u00EF', '\u00F0' -> true;
                    default -> false;
                };
        return telling || sequence(text, end) > 0 ? length : 0;
    }

    /** What the garbled characters were. */
    static String original(String garbled) {
        byte[] bytes = new byte[garbled.length()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) toByte(garbled.charAt(i));
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The characters of one well-formed sequence (RFC 3629), or 0. */
    private static int sequence(String text, int at) {
        if (at >= text.length() || !mayStart(text.charAt(at))) {
            return 0;
        }
        char lead = text.charAt(at);
        int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (at + length > text.length()) {
            return 0;
        }
        for (int i = 1; i < length; i++) {
            int b = toByte(text.charAt(at + i));
            if (b < HIGH || b >= 0xC0) {
                return 0;
            }
        }
        int second = toByte(text.charAt(at + 1));
        boolean overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
        boolean beyond = (lead == 0xED && second >= 0xA0) || (lead == 0xF4 && second >= 0x90);
        return overlong || beyond ? 0 : length;
    }

    /** The byte that was read as this character, or -1. */
    private static int toByte(char c) {
        if (c < BYTES) {
            return c;
        }
        int index = WINDOWS.indexOf(c);
        return index < 0 ? -1 : HIGH + index;
    }

    private static String windows() {
        StringBuilder characters = new StringBuilder();
        for (int b = HIGH; b < 0xA0; b++) {
            char c = new String(new byte[] {(byte) b}, WINDOWS_1252).charAt(0);
            characters.append(c == '\uFFFD' ? (char) b : c);
        }
        return characters.toString();
    }
}
