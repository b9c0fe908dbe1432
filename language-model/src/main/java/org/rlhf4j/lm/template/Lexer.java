package org.rlhf4j.lm.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens, with {@code trim_blocks} and {@code lstrip_blocks}: the first newline after a block is
 * dropped, and so is white space before a block on its line.
 */
final class Lexer {
    private static final Pattern FLOAT =
            Pattern.compile("[0-9][0-9_]*+(?:\\.[0-9][0-9_]*+(?:[eE][+-]?[0-9][0-9_]*+)?+|[eE][+-]?[0-9][0-9_]*+)");
    private static final Pattern INTEGER =
            Pattern.compile("0[bB][01_]++|0[oO][0-7_]++|0[xX][0-9a-fA-F_]++|[0-9][0-9_]*+");
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}\\p{M}_]*");
    private static final Pattern RAW = Pattern.compile("\\{%([-+]?)\\s*raw\\s*(-%\\}\\s*|%\\})");
    private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(?:\\+%\\}|-%\\}\\s*|%\\}\\n?)");
    private static final List<String> OPERATORS = List.of(
            "**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
            "=", ".", ":", "|", ",", ";");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private boolean lineStarts = true;

    private Lexer(String source) {
        this.source = source;
    }

    /** The tokens of a source, ended by one of the kind {@link Token.Kind#END}. */
    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        Lexer lexer = new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (at < source.length()) {
            int tag = nextTag();
            if (tag < 0) {
                add(Token.Kind.DATA, source.substring(at));
                at = source.length();
                break;
            }
            Matcher raw = RAW.matcher(source).region(tag, source.length());
            boolean isRaw = raw.lookingAt();
            char kind = source.charAt(tag + 1);
            char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
            data(source.substring(at, tag), sign, kind != '{');
            if (isRaw) {
                moveTo(raw.end());
                raw();
            } else {
                moveTo(tag + (sign == '-' || sign == '+' ? 3 : 2));
                if (kind == '#') {
                    comment();
                } else {
                    inside(kind == '%');
                }
            }
            lineStarts = at > 0 && source.charAt(at - 1) == '\n';
        }
        add(Token.Kind.END, "");
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            if ("%{#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    /** Text before a tag, without the white space that the tag takes away. */
    private void data(String text, char sign, boolean stripsLine) {
        String kept = text;
        if (sign == '-') {
            kept = Text.strip(text, false, true, null);
        } else if (sign != '+' && stripsLine) {
            int start = text.lastIndexOf('\n') + 1;
            if ((start > 0 || lineStarts)
                    && Text.strip(text.substring(start), true, false, null).isEmpty()) {
                kept = text.substring(0, start);
            }
        }
        if (!kept.isEmpty()) {
            add(Token.Kind.DATA, kept);
        }
    }

    private void add(Token.Kind kind, Object value) {
        tokens.add(new Token(kind, value, line));
    }

    private void moveTo(int end) {
        for (; at < end; at++) {
            line += source.charAt(at) == '\n' ? 1 : 0;
        }
    }

    private void raw() {
        Matcher end = END_RAW.matcher(source);
        if (!end.find(at)) {
            throw new TemplateException("Missing end of raw directive", line);
        }
        lineStarts = source.charAt(at - 1) == '\n';
        String sign = end.group(1);
        data(source.substring(at, end.start()), sign.isEmpty() ? ' ' : sign.charAt(0), true);
        moveTo(end.end());
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw new TemplateException("Missing end of comment tag", line);
        }
        char sign = end > at ? source.charAt(end - 1) : ' ';
        closed(end + 2, sign, true);
    }

    /** After the end of a tag: a minus takes all white space away, a block the first newline. */
    private void closed(int end, char sign, boolean trims) {
        int next = end;
        if (sign == '-') {
            while (next < source.length() && Text.isSpace(source.charAt(next))) {
                next++;
            }
        } else if (sign != '+' && trims && next < source.length() && source.charAt(next) == '\n') {
            next++;
        }
        moveTo(next);
    }

    private void inside(boolean block) {
        add(block ? Token.Kind.BLOCK_BEGIN : Token.Kind.VARIABLE_BEGIN, "");
        Deque<String> open = new ArrayDeque<>();
        String end = block ? "%}" : "}}";
        while (true) {
            while (at < source.length() && Text.isSpace(source.charAt(at))) {
                moveTo(at + 1);
            }
            if (at >= source.length()) {
                throw new TemplateException("Unexpected end of template inside a tag", line);
            }
            char first = source.charAt(at);
            boolean signed = first == '-' || (block && first == '+');
            if (open.isEmpty() && source.startsWith(end, at + (signed ? 1 : 0))) {
                add(block ? Token.Kind.BLOCK_END : Token.Kind.VARIABLE_END, "");
                closed(at + (signed ? 3 : 2), signed ? first : ' ', block);
                return;
            }
            token(first, open);
        }
    }

    private void token(char first, Deque<String> open) {
        if (first == '\'' || first == '"') {
            string(first);
        } else if (take(FLOAT, Token.Kind.FLOAT) || take(INTEGER, Token.Kind.INTEGER) || take(NAME, Token.Kind.NAME)) {
            return;
        } else {
            String operator = OPERATORS.stream()
                    .filter(candidate -> source.startsWith(candidate, at))
                    .findFirst()
                    .orElseThrow(() -> new TemplateException("unexpected char '" + first + "'", line));
            balance(operator, open);
            add(Token.Kind.OPERATOR, operator);
            at += operator.length();
        }
    }

    private void balance(String operator, Deque<String> open) {
        switch (operator) {
            case "{" -> open.push("}");
            case "(" -> open.push(")");
            case "[" -> open.push("]");
            case "}", ")", "]" -> {
                if (open.isEmpty()) {
                    throw new TemplateException("unexpected '" + operator + "'", line);
                }
                String expected = open.pop();
                if (!expected.equals(operator)) {
                    throw new TemplateException("unexpected '" + operator + "', expected '" + expected + "'", line);
                }
            }
            default -> {}
        }
    }

    private boolean take(Pattern pattern, Token.Kind kind) {
        Matcher matcher = pattern.matcher(source).region(at, source.length());
        boolean afterDot = kind == Token.Kind.FLOAT && source.charAt(at - 1) == '.';
        if (afterDot || !matcher.lookingAt()) {
            return false;
        }
        String text = matcher.group();
        switch (kind) {
            case FLOAT -> add(kind, Double.valueOf(text.replace("_", "")));
            case INTEGER -> add(kind, integer(text.replace("_", "").toLowerCase(Locale.ROOT)));
            default -> add(kind, text);
        }
        at += text.length();
        return true;
    }

    private Long integer(String text) {
        try {
            if (text.startsWith("0x")) {
                return Long.valueOf(text.substring(2), 16);
            }
            if (text.startsWith("0o")) {
                return Long.valueOf(text.substring(2), 8);
            }
            return text.startsWith("0b") ? Long.valueOf(text.substring(2), 2) : Long.valueOf(text);
        } catch (NumberFormatException e) {
            throw new TemplateException("the number " + text + " has more than 64 bits", line);
        }
    }

    private void string(char quote) {
        int start = line;
        StringBuilder text = new StringBuilder();
        int i = at + 1;
        while (i < source.length() && source.charAt(i) != quote) {
            char c = source.charAt(i);
            i = c == '\\' ? escape(i + 1, text) : i + 1;
            if (c != '\\') {
                text.append(c);
            }
        }
        if (i >= source.length()) {
            throw new TemplateException("unexpected char '" + quote + "'", line);
        }
        tokens.add(new Token(Token.Kind.STRING, text.toString(), start));
        moveTo(i + 1);
    }

    /** Python's escapes, from after the backslash; what is none keeps its backslash. */
    private int escape(int from, StringBuilder text) {
        if (from >= source.length()) {
            throw new TemplateException("the string is not closed", line);
        }
        char c = source.charAt(from);
        int known = "abfnrtv\\'\"".indexOf(c);
        if (known >= 0) {
            text.append("\u0007\b\f\n\r\t\u000b\\'\"".charAt(known));
            return from + 1;
        }
        int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
        if (digits > 0) {
            int end = Math.min(source.length(), from + 1 + digits);
            String hex = source.substring(from + 1, end);
            if (!hex.matches("[0-9a-fA-F]{" + digits + "}") || Long.parseLong(hex, 16) > Character.MAX_CODE_POINT) {
                throw new TemplateException("the escape \\" + c + hex + " is no character", line);
            }
            text.appendCodePoint(Integer.parseInt(hex, 16));
            return end;
        }
        if (c >= '0' && c <= '7') {
            int end = from;
            int value = 0;
            for (; end < Math.min(source.length(), from + 3) && "01234567".indexOf(source.charAt(end)) >= 0; end++) {
                value = value * 8 + source.charAt(end) - '0';
            }
            text.append((char) value);
            return end;
        }
        if (c != '\n') {
            text.append('\\').append(c);
        }
        return from + 1;
    }
}
