package org.rlhf4j.preference.show;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many columns of a terminal a text takes: two for wide and full-width characters (Unicode 14, East Asian Width,
 * UAX 11) and for pictures, none for combining marks, one for the rest.
 *
 * <p>What a person sees as one character (an extended grapheme cluster, UAX 29) is never cut. The limit: terminals do not
 * agree about pictures joined of several, such as families and flags; they count as the widest of their parts here.
 */
final class DisplayWidth {
    /** First and last of each range of wide characters. */
    private static final int[] WIDE = {
        0x1100, 0x115F, 0x231A, 0x231B, 0x2329, 0x232A, 0x23E9, 0x23EC, 0x23F0, 0x23F0, 0x23F3, 0x23F3, 0x25FD, 0x25FE,
        0x2614, 0x2615, 0x2648, 0x2653, 0x267F, 0x267F, 0x2693, 0x2693, 0x26A1, 0x26A1, 0x26AA, 0x26AB, 0x26BD, 0x26BE,
        0x26C4, 0x26C5, 0x26CE, 0x26CE, 0x26D4, 0x26D4, 0x26EA, 0x26EA, 0x26F2, 0x26F3, 0x26F5, 0x26F5, 0x26FA, 0x26FA,
        0x26FD, 0x26FD, 0x2705, 0x2705, 0x270A, 0x270B, 0x2728, 0x2728, 0x274C, 0x274C, 0x274E, 0x274E, 0x2753, 0x2755,
        0x2757, 0x2757, 0x2795, 0x2797, 0x27B0, 0x27B0, 0x27BF, 0x27BF, 0x2B1B, 0x2B1C, 0x2B50, 0x2B50, 0x2B55, 0x2B55,
        0x2E80, 0x303E, 0x3041, 0x3247, 0x3250, 0x4DBF, 0x4E00, 0xA4CF, 0xA960, 0xA97F, 0xAC00, 0xD7A3, 0xF900, 0xFAFF,
        0xFE10, 0xFE19, 0xFE30, 0xFE6F, 0xFF01, 0xFF60, 0xFFE0, 0xFFE6, 0x16FE0, 0x18AFF, 0x18B00, 0x18D08, 0x1AFF0,
        0x1B2FB, 0x1F004, 0x1F004, 0x1F0CF, 0x1F0CF, 0x1F18E, 0x1F18E, 0x1F191, 0x1F19A, 0x1F200, 0x1F320, 0x1F32D,
        0x1F335, 0x1F337, 0x1F37C, 0x1F37E, 0x1F393, 0x1F3A0, 0x1F3CA, 0x1F3CF, 0x1F3D3, 0x1F3E0, 0x1F3F0, 0x1F3F4,
        0x1F3F4, 0x1F3F8, 0x1F43E, 0x1F440, 0x1F440, 0x1F442, 0x1F4FC, 0x1F4FF, 0x1F53D, 0x1F54B, 0x1F54E, 0x1F550,
        0x1F567, 0x1F57A, 0x1F57A, 0x1F595, 0x1F596, 0x1F5A4, 0x1F5A4, 0x1F5FB, 0x1F64F, 0x1F680, 0x1F6C5, 0x1F6CC,
        0x1F6CC, 0x1F6D0, 0x1F6D2, 0x1F6D5, 0x1F6DF, 0x1F6EB, 0x1F6EC, 0x1F6F4, 0x1F6FF, 0x1F7E0, 0x1F7F0, 0x1F90C,
        0x1F93A, 0x1F93C, 0x1F945, 0x1F947, 0x1F9FF, 0x1FA70, 0x1FAFF, 0x20000, 0x3FFFD
    };

    private static final int EMOJI_STYLE = 0xFE0F;
    private static final Pattern CLUSTER = Pattern.compile("\\X");

    private DisplayWidth() {}

    /** The columns of a text without line breaks. */
    static int of(String text) {
        int width = 0;
        int i = 0;
        while (i < text.length() && text.charAt(i) >= ' ' && text.charAt(i) < 0x7F) {
            i++;
            width++;
        }
        if (i == text.length()) {
            return width;
        }
        width = 0;
        Matcher clusters = CLUSTER.matcher(text);
        while (clusters.find()) {
            width += ofCluster(clusters.group());
        }
        return width;
    }

    /** How many characters of a text from a place fit in so many columns, whole clusters only; at least one cluster. */
    static int fitting(String text, int from, int columns) {
        Matcher clusters = CLUSTER.matcher(text).region(from, text.length());
        int width = 0;
        int end = from;
        while (clusters.find()) {
            width += ofCluster(clusters.group());
            if (width > columns && end > from) {
                break;
            }
            end = clusters.end();
        }
        return end - from;
    }

    private static int ofCluster(String cluster) {
        int width = 0;
        int i = 0;
        while (i < cluster.length()) {
            int point = cluster.codePointAt(i);
            width = Math.max(width, ofPoint(point));
            i += Character.charCount(point);
        }
        return width;
    }

    private static int ofPoint(int point) {
        if (point == EMOJI_STYLE) {
            return 2;
        }
        switch (Character.getType(point)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT, Character.CONTROL -> {
                return 0;
            }
            default -> {
                int at = Arrays.binarySearch(WIDE, point);
                // Behind a first and before its last the place to insert at is odd.
                boolean wide = at >= 0 || (-at - 1) % 2 == 1;
                return wide ? 2 : 1;
            }
        }
    }
}
