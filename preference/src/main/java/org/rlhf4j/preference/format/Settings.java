package org.rlhf4j.preference.format;

import java.util.List;
import java.util.Map;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.NearestName;

/** Values of {@link FormatSetting}s as the user gave them. */
final class Settings {
    private Settings() {}

    /** One of several words; the current one where the setting is not mentioned. */
    static String oneOf(Map<String, String> values, String name, List<String> known, String current) {
        String value = values.getOrDefault(name, current);
        if (!known.contains(value)) {
            throw new DataFormatException(NearestName.unknown("value of " + name, value, known));
        }
        return value;
    }

    /** A finite number; the current one where the setting is not mentioned. */
    static double number(Map<String, String> values, String name, double current) {
        String value = values.get(name);
        if (value == null) {
            return current;
        }
        try {
            double number = Double.parseDouble(value);
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new DataFormatException("the setting " + name + " must be a number but is \"" + value + "\"");
    }
}
