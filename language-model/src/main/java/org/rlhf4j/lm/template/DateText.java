package org.rlhf4j.lm.template;

import java.time.LocalDate;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** Python's {@code strftime} of the first moment of a day, in the C locale. */
final class DateText {
    private DateText() {}

    static String format(String format, LocalDate date) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char kind = format.charAt(++i);
            boolean bare = kind == '-' && i + 1 < format.length();
            String field = field(bare ? format.charAt(++i) : kind, date);
            out.append(bare ? field.replaceFirst("^[0 ]+(?=.)", "") : field);
        }
        return out.toString();
    }

    private static String field(char kind, LocalDate date) {
        return switch (kind) {
            case 'Y' -> String.valueOf(date.getYear());
            case 'y' -> two(date.getYear() % 100);
            case 'm' -> two(date.getMonthValue());
            case 'd' -> two(date.getDayOfMonth());
            case 'e' -> String.format(Locale.ROOT, "%2d", date.getDayOfMonth());
            case 'B' -> date.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' ->
                date.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH).substring(0, 3);
            case 'A' -> date.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'a' ->
                date.getDayOfWeek()
                        .getDisplayName(TextStyle.FULL, Locale.ENGLISH)
                        .substring(0, 3);
            case 'j' -> String.format(Locale.ROOT, "%03d", date.getDayOfYear());
            case 'u' -> String.valueOf(date.getDayOfWeek().getValue());
            case 'w' -> String.valueOf(date.getDayOfWeek().getValue() % 7);
            case 'V' -> two(date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'G' -> String.valueOf(date.get(IsoFields.WEEK_BASED_YEAR));
            case 'U' -> two((date.getDayOfYear() + 6 - date.get(ChronoField.DAY_OF_WEEK) % 7) / 7);
            case 'W' -> two((date.getDayOfYear() + 6 - (date.get(ChronoField.DAY_OF_WEEK) + 6) % 7) / 7);
            case 'F' -> format("%Y-%m-%d", date);
            case 'D', 'x' -> format("%m/%d/%y", date);
            case 'c' -> format("%a %b %e 00:00:00 %Y", date);
            case 'H', 'M', 'S' -> "00";
            case 'I' -> "12";
            case 'p' -> "AM";
            case 'f' -> "000000";
            case 'R' -> "00:00";
            case 'T', 'X' -> "00:00:00";
            case 'r' -> "12:00:00 AM";
            case 'z', 'Z' -> "";
            case 'n' -> "\n";
            case 't' -> "\t";
            case '%' -> "%";
            default -> throw new TemplateException("strftime_now does not know %" + kind);
        };
    }

    private static String two(int number) {
        return String.format(Locale.ROOT, "%02d", number);
    }
}
