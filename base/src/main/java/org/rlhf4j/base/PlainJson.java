package org.rlhf4j.base;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as rows of data mostly are, several times as fast as {@link StrictParser}: objects, arrays, strings, numbers of
 * few digits, true, false and null. It gives the same value or none: whatever is rare or wrong is left to the other,
 * which also says what is wrong.
 */
final class PlainJson {
    /** Less than the other allows, so that depth needs no words here. */
    private static final int MAX_DEPTH = 32;

    private static final int MAX_DIGITS = 9;
    private static final int MAX_NAME_BYTES = 1 << 10;
    private static final long QUOTES = EightBytes.all('"');
    private static final long BACKSLASHES = EightBytes.all('\\');
    private static final long SPACES = EightBytes.all(' ');
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Thrown where the other parser is to be asked. */
    private static final class NotPlain extends Exception {
        private static final long serialVersionUID = 1L;

        NotPlain() {
            super("not plain", null, false, false);
        }
    }

    private final byte[] bytes;
    private int at;
    private byte[] unescaped = {};

    private PlainJson(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The value that the bytes are; null if they may be something else. */
    static @Nullable JsonNode parse(byte[] utf8) {
        PlainJson parser = new PlainJson(utf8);
        try {
            JsonNode value = parser.value(parser.token(), 0);
            parser.space();
            return parser.at == utf8.length ? value : null;
        } catch (NotPlain | DataFormatException e) {
            return null;
        }
    }

    private JsonNode value(int start, int depth) throws NotPlain {
        return switch (start) {
            case '"' -> TextNode.valueOf(string());
            case '{' -> object(depth + 1);
            case '[' -> array(depth + 1);
            case 't' -> word("true", BooleanNode.TRUE);
            case 'f' -> word("false", BooleanNode.FALSE);
            case 'n' -> word("null", NullNode.instance);
            default -> number(start);
        };
    }

    private ObjectNode object(int depth) throws NotPlain {
        require(depth <= MAX_DEPTH);
        ObjectNode object = NODES.objectNode();
        int next = token();
        if (next == '}') {
            return object;
        }
        while (true) {
            require(next == '"');
            int start = at;
            String name = string();
            require(at - start <= MAX_NAME_BYTES && token() == ':');
            // A name that was there already is for the other parser to refuse.
            require(object.replace(name, value(token(), depth)) == null);
            next = token();
            if (next == '}') {
                return object;
            }
            require(next == ',');
            next = token();
        }
    }

    private ArrayNode array(int depth) throws NotPlain {
        require(depth <= MAX_DEPTH);
        ArrayNode array = NODES.arrayNode();
        int next = token();
        if (next == ']') {
            return array;
        }
        while (true) {
            array.add(value(next, depth));
            next = token();
            if (next == ']') {
                return array;
            }
            require(next == ',');
            next = token();
        }
    }

    private JsonNode word(String word, JsonNode value) throws NotPlain {
        for (int i = 1; i < word.length(); i++) {
            require(next() == word.charAt(i));
        }
        return value;
    }

    /** An integer, or digits on both sides of a point. */
    private JsonNode number(int start) throws NotPlain {
        int first = at - 1;
        boolean zero = (start == '-' ? next() : start) == '0';
        int begin = at - 1;
        digits(begin);
        require(!zero || at == begin + 1);
        boolean whole = at == bytes.length || bytes[at] != '.';
        if (!whole) {
            at++;
            digits(at);
        }
        require(at - begin <= (whole ? MAX_DIGITS : 2 * MAX_DIGITS));
        require(at == bytes.length || (bytes[at] | 0x20) != 'e');
        String text = new String(bytes, first, at - first, StandardCharsets.ISO_8859_1);
        if (whole) {
            // Minus zero is a matter for the other parser.
            require(!zero || first == begin);
            return IntNode.valueOf(Integer.parseInt(text));
        }
        return DoubleNode.valueOf(Double.parseDouble(text));
    }

    /** Skips digits, of which there must be one at a place. */
    private void digits(int from) throws NotPlain {
        at = from;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        require(at > from);
    }

    /** The string whose opening quote was read. */
    private String string() throws NotPlain {
        int start = at;
        boolean ascii = skipPlain();
        if (bytes[at] == '"') {
            return text(bytes, start, at++, ascii);
        }
        int length = 0;
        while (true) {
            int plain = at - start;
            // An escape is never shorter than what it stands for, so the rest of the row is room enough.
            if (unescaped.length < length + bytes.length - start) {
                unescaped = Arrays.copyOf(unescaped, length + bytes.length - start);
            }
            System.arraycopy(bytes, start, unescaped, length, plain);
            length += plain;
            if (bytes[at++] == '"') {
                return text(unescaped, 0, length, ascii);
            }
            int c = escape();
            ascii &= c < 0x80;
            length = encode(c, length);
            start = at;
            ascii &= skipPlain();
        }
    }

    /** Goes to the next quote or backslash, and tells whether all bytes before it are ASCII. */
    private boolean skipPlain() throws NotPlain {
        byte[] row = bytes;
        int i = at;
        long high = 0;
        for (; i + Long.BYTES <= row.length; i += Long.BYTES) {
            long eight = EightBytes.at(row, i);
            if ((EightBytes.equal(eight, QUOTES)
                            | EightBytes.equal(eight, BACKSLASHES)
                            | EightBytes.below(eight, SPACES))
                    != 0) {
                break;
            }
            high |= eight;
        }
        while (i < row.length && row[i] != '"' && row[i] != '\\') {
            require(row[i] < 0 || row[i] >= ' ');
            high |= row[i++];
        }
        require(i < row.length);
        at = i;
        return EightBytes.beyondAscii(high) == 0;
    }

    /** The character behind a backslash. */
    private int escape() throws NotPlain {
        int c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            default -> {
                require(c == 'u');
                yield codePoint();
            }
        };
    }

    /** The character of one escape, or of two that are a surrogate pair. */
    private int codePoint() throws NotPlain {
        char first = hexadecimal();
        if (!Character.isSurrogate(first)) {
            return first;
        }
        require(Character.isHighSurrogate(first) && next() == '\\' && next() == 'u');
        char second = hexadecimal();
        require(Character.isLowSurrogate(second));
        return Character.toCodePoint(first, second);
    }

    private char hexadecimal() throws NotPlain {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(next(), 16);
            require(digit >= 0);
            value = 16 * value + digit;
        }
        return (char) value;
    }

    /** Writes a character as UTF-8, and tells where it ends. */
    private int encode(int c, int start) {
        int end = start;
        if (c < 0x80) {
            unescaped[end++] = (byte) c;
        } else if (c < 0x800) {
            unescaped[end++] = (byte) (0xC0 | (c >> 6));
            unescaped[end++] = (byte) (0x80 | (c & 0x3F));
        } else {
            if (c < 0x10000) {
                unescaped[end++] = (byte) (0xE0 | (c >> 12));
            } else {
                unescaped[end++] = (byte) (0xF0 | (c >> 18));
                unescaped[end++] = (byte) (0x80 | ((c >> 12) & 0x3F));
            }
            unescaped[end++] = (byte) (0x80 | ((c >> 6) & 0x3F));
            unescaped[end++] = (byte) (0x80 | (c & 0x3F));
        }
        return end;
    }

    private static String text(byte[] source, int start, int end, boolean ascii) {
        return ascii
                ? new String(source, start, end - start, StandardCharsets.ISO_8859_1)
                : Utf8.decode(source, start, end - start);
    }

    /** The next byte that is no white space. */
    private int token() throws NotPlain {
        space();
        return next();
    }

    private void space() {
        while (at < bytes.length && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\n' || bytes[at] == '\r')) {
            at++;
        }
    }

    private int next() throws NotPlain {
        require(at < bytes.length);
        return bytes[at++];
    }

    private static void require(boolean plain) throws NotPlain {
        if (!plain) {
            throw new NotPlain();
        }
    }
}
