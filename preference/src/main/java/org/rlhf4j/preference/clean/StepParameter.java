package org.rlhf4j.preference.clean;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.NearestName;

/**
 * What a step may be told.
 *
 * @param name the name on the command line, such as {@code max-ratio}
 * @param values which values it takes, as a clause such as {@code a number from 0 to 1}
 * @param standard the value where none is given: a text, a {@link Long} or a {@link Double}; null where there is none and
 *     what the parameter asks for is then not asked
 * @param meaning one line for people
 * @param parser makes a text, a {@link Long} or a {@link Double} of what was typed; null where it cannot
 * @param onlyWith the value of another parameter without which this one has no sense, such as {@code by=near}; or null
 */
public record StepParameter(
        String name,
        String values,
        @Nullable Object standard,
        String meaning,
        Function<String, @Nullable Object> parser,
        @Nullable String onlyWith) {
    private StepParameter(
            String name,
            String values,
            @Nullable Object standard,
            String meaning,
            Function<String, @Nullable Object> parser) {
        this(name, values, standard, meaning, parser, null);
    }

    /** The same, but that it has no sense without a value of another parameter, which stands before it. */
    StepParameter onlyWith(String setting) {
        return new StepParameter(name, values, standard, meaning, parser, setting);
    }

    /** One of a few words, the first of which is the default. */
    static StepParameter choice(String name, String meaning, String... words) {
        List<String> known = List.of(words);
        return new StepParameter(name, "one of " + String.join(", ", known), words[0], meaning, text -> {
            if (known.contains(text)) {
                return text;
            }
            throw new DataFormatException(NearestName.unknown(name, text, known));
        });
    }

    /** A whole number. */
    static StepParameter whole(String name, long least, long most, @Nullable Long standard, String meaning) {
        String values = most == Long.MAX_VALUE
                ? "a whole number" + (least == Long.MIN_VALUE ? "" : " from " + least)
                : "a whole number from " + least + " to " + most;
        return new StepParameter(name, values, standard, meaning, text -> {
            try {
                long value = Long.parseLong(text);
                return value >= least && value <= most ? Long.valueOf(value) : null;
            } catch (NumberFormatException e) {
                return null;
            }
        });
    }

    /** How many characters, rows or words. */
    static StepParameter count(String name, String meaning) {
        return whole(name, 0, Long.MAX_VALUE, null, meaning);
    }

    /** What chance depends on. */
    static StepParameter seed() {
        return whole("seed", Long.MIN_VALUE, Long.MAX_VALUE, 42L, "another seed, another choice");
    }

    /** A number with a fraction. */
    static StepParameter number(String name, double least, double most, @Nullable Double standard, String meaning) {
        String values = most == Double.MAX_VALUE
                ? "a number" + (least == -Double.MAX_VALUE ? "" : " from " + shown(least))
                : "a number from " + shown(least) + " to " + shown(most);
        return new StepParameter(name, values, standard, meaning, text -> {
            try {
                double value = Double.parseDouble(text) + 0.0;
                return value >= least && value <= most ? Double.valueOf(value) : null;
            } catch (NumberFormatException e) {
                return null;
            }
        });
    }

    /** A share of something, from 0 to 1. */
    static StepParameter share(String name, @Nullable Double standard, String meaning) {
        return number(name, 0, 1, standard, meaning);
    }

    /**
     * Reads a value.
     *
     * @param text what was typed
     * @return a text, a {@link Long} or a {@link Double}
     * @throws DataFormatException without a place, if it is not among {@link #values()}
     */
    public Object parse(String text) {
        Object value = parser.apply(text);
        if (value == null) {
            throw new DataFormatException(name + " is \"" + text + "\", must be " + values);
        }
        return value;
    }

    private static String shown(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : Double.toString(value);
    }
}
