package org.rlhf4j.base;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Decodes UTF-8 and refuses what is not: Java's own readers put U+FFFD in place of what they cannot decode. */
public final class Utf8 {
    static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final int REPLACEMENT = 0xFFFD;
    private static final int PIECE = 1 << 13;

    private Utf8() {}

    /**
     * Decodes strictly.
     *
     * @return the text
     * @throws DataFormatException naming the first byte that is not UTF-8, counted from 0 at the offset
     */
    public static String decode(byte[] bytes, int offset, int length) {
        String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
        // The replacement character is the fast sign that something may be wrong; it may also have been written as
        // such.
        if (text.indexOf(REPLACEMENT) >= 0) {
            requireValid(bytes, offset, length);
        }
        return text;
    }

    /** Refuses UTF-16 and UTF-32, told by a byte order mark or by a NUL among the first two bytes. */
    static void refuseUtf16(byte[] start, int length) {
        if (length < 2) {
            return;
        }
        int first = start[0] & 0xFF;
        int second = start[1] & 0xFF;
        boolean marked = (first == 0xFF && second == 0xFE) || (first == 0xFE && second == 0xFF);
        if (marked || first == 0 || second == 0) {
            throw new DataFormatException("is UTF-16 or UTF-32, must be UTF-8: convert it, for instance with iconv");
        }
    }

    private static void requireValid(byte[] bytes, int offset, int length) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes, offset, length);
        CharBuffer out = CharBuffer.allocate(PIECE);
        while (true) {
            out.clear();
            var result = decoder.decode(in, out, true);
            if (result.isError()) {
                int at = in.position();
                throw new DataFormatException(String.format(
                        Locale.ROOT, "invalid UTF-8 at byte %d (hexadecimal %02X)", at - offset, bytes[at]));
            }
            if (result.isUnderflow()) {
                return;
            }
        }
    }
}
