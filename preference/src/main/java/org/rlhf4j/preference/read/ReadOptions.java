package org.rlhf4j.preference.read;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.preference.format.FormatSetting;
import org.rlhf4j.preference.format.RowFormat;

/**
 * How the rows of a file are understood.
 *
 * @param formatName the name of the format; null to detect it
 * @param columns which field stands for which: the name that a format knows to the name in the file, as in
 *     {@code prompt} to {@code Input text}; a field that is not mentioned has its own name
 * @param settings values of {@link FormatSetting}s by name, for those formats that have them
 */
public record ReadOptions(@Nullable String formatName, Map<String, String> columns, Map<String, String> settings) {
    /** Everything told from the data itself. */
    public static final ReadOptions DETECT = new ReadOptions(null, Map.of(), Map.of());

    /**
     * Copies the maps and checks the names.
     *
     * @throws DataFormatException if there is no such format, no format (or not this one) has a setting, a value is not
     *     one that its setting takes, or a field stands for two
     */
    public ReadOptions {
        columns = Map.copyOf(columns);
        if (Set.copyOf(columns.values()).size() < columns.size()) {
            throw new DataFormatException("one field of the file cannot stand for two; give each column once");
        }
        settings = Map.copyOf(settings);
        formats(formatName, settings);
    }

    /** A format that is named instead of detected. */
    public static ReadOptions of(String formatName) {
        return new ReadOptions(formatName, Map.of(), Map.of());
    }

    /** The formats that come into question, with their settings: one where it is named, otherwise all. */
    List<RowFormat> formats() {
        return formats(formatName, settings);
    }

    private static List<RowFormat> formats(@Nullable String name, Map<String, String> settings) {
        List<RowFormat> candidates = name == null ? RowFormat.all() : List.of(RowFormat.named(name));
        List<RowFormat> formats = new ArrayList<>();
        TreeSet<String> known = new TreeSet<>();
        for (RowFormat format : candidates) {
            Map<String, String> own = new HashMap<>(settings);
            List<String> names =
                    format.settings().stream().map(FormatSetting::name).toList();
            own.keySet().retainAll(names);
            known.addAll(names);
            formats.add(own.isEmpty() ? format : format.with(own));
        }
        for (String setting : settings.keySet()) {
            if (!known.contains(setting)) {
                throw new DataFormatException(
                        NearestName.unknown(name == null ? "setting" : "setting of " + name, setting, known));
            }
        }
        return formats;
    }
}
