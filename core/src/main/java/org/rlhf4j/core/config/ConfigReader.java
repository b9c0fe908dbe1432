package org.rlhf4j.core.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fills a settings record layer by layer: defaults, a YAML file, {@code key.path=value} overrides, flags. Later calls win.
 *
 * <p>Keys are the names of record components, nested records give dotted paths. A component may be a whole or decimal
 * number, a boolean, a text, a path, an enum (any case, {@code -} or {@code _}), a record, a sealed interface of records
 * (named by its key {@code type}, or by its bare name), or a list of those. What a record's own constructor refuses is
 * reported with the place of the value. A component that may be null can be left out; every other one without a default is
 * required.
 *
 * @param <R> the record
 */
public final class ConfigReader<R extends Record> {
    private final Class<R> type;
    private ConfigNode.Group settings = new ConfigNode.Group(Map.of(), "");

    private ConfigReader(Class<R> type) {
        this.type = type;
    }

    /** A reader of a record in which everything has a default. */
    public static <R extends Record> ConfigReader<R> of(R defaults) {
        @SuppressWarnings("unchecked")
        Class<R> type = (Class<R>) defaults.getClass();
        ConfigReader<R> reader = new ConfigReader<>(type);
        reader.settings = defaultsOf(defaults);
        return reader;
    }

    /** A reader of a record whose components have no defaults except those that are {@linkplain #defaults given}. */
    public static <R extends Record> ConfigReader<R> of(Class<R> type) {
        return new ConfigReader<>(type);
    }

    /** Gives a default to one key: a record for a group of keys, or a plain value. */
    public ConfigReader<R> defaults(String key, Object value) {
        return put(key, node(value, ""), "");
    }

    /**
     * Puts the settings of a YAML file on top.
     *
     * @throws ConfigException if it is not there or not plain YAML
     */
    public ConfigReader<R> file(Path yaml) {
        settings = settings.with(YamlTree.read(yaml));
        return this;
    }

    /** Puts overrides of the form {@code key.path=value} on top, one after the other. */
    public ConfigReader<R> overrides(List<String> assignments) {
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            String origin = "--set " + assignment;
            if (equals <= 0) {
                throw new ConfigException(origin, "expected key.path=value");
            }
            String value = assignment.substring(equals + 1);
            put(assignment.substring(0, equals).strip(), new ConfigNode.Scalar(value, false, origin), origin);
        }
        return this;
    }

    /**
     * Puts the value of a command-line flag on top.
     *
     * @param flag the flag, for messages: {@code --seed}
     * @param key the key it stands for
     * @param value its value; null when it was not given
     */
    public ConfigReader<R> flag(String flag, String key, @Nullable Object value) {
        return value == null ? this : put(key, node(value, flag), flag);
    }

    /**
     * The record.
     *
     * @throws ConfigException naming place and key of whatever is unknown, missing, of the wrong kind or out of range
     */
    public R read() {
        return RecordBinder.bind(type, settings);
    }

    /** The settings as YAML that reads back to an equal record; the order of keys is that of the components. */
    public static String toYaml(Record settings) {
        return YamlWriter.write(settings);
    }

    /** The dotted names of all settings. */
    public static Set<String> keys(Record settings) {
        return defaultsOf(settings).leaves().keySet();
    }

    /**
     * The keys whose values in a file of settings are not those of a record.
     *
     * @param file as {@link #toYaml} made it
     * @throws ConfigException if it is not there or not plain YAML
     */
    public static List<Difference> differences(Path file, Record settings) {
        return Difference.between(
                YamlTree.read(file).leaves(), defaultsOf(settings).leaves());
    }

    private ConfigReader<R> put(String key, ConfigNode value, String origin) {
        String[] parts = key.split("\\.", -1);
        ConfigNode node = value;
        for (int i = parts.length - 1; i >= 0; i--) {
            if (parts[i].isEmpty()) {
                throw new ConfigException(origin, "\"" + key + "\" is not a key: expected names joined by dots");
            }
            node = new ConfigNode.Group(Map.of(parts[i], node), origin);
        }
        settings = settings.with((ConfigNode.Group) node);
        return this;
    }

    /** Defaults take the way of a file, so that they can be merged and bound like one. */
    private static ConfigNode.Group defaultsOf(Record defaults) {
        ConfigNode node = YamlTree.parse(toYaml(defaults), line -> "");
        return node instanceof ConfigNode.Group group ? group : new ConfigNode.Group(new LinkedHashMap<>(), "");
    }

    private static ConfigNode node(Object value, String origin) {
        if (value instanceof Record group) {
            return YamlTree.parse(toYaml(group), line -> origin);
        }
        if (value instanceof Enum<?> constant) {
            return new ConfigNode.Scalar(Choices.nameOf(constant), false, origin);
        }
        if (value instanceof List<?> list) {
            return new ConfigNode.Items(
                    list.stream().map(item -> node(item, origin)).toList(), origin);
        }
        boolean text = value instanceof String || value instanceof Path;
        return new ConfigNode.Scalar(value.toString(), text, origin);
    }
}
