package org.rlhf4j.core.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One setting of a record, for help texts and documentation.
 *
 * @param path the key with those above it, joined by dots: {@code training.optimizer.learningRate}
 * @param kind what a value looks like: "a whole number", "constant|linear|cosine", ...
 * @param optional whether it may be left out without having a default
 * @param doc its {@link Doc} sentence; empty when it has none
 */
public record ConfigKey(String path, String kind, boolean optional, String doc) {

    /** All settings of a record type, depth first in the order of its components. */
    public static List<ConfigKey> of(Class<?> record) {
        List<ConfigKey> keys = new ArrayList<>();
        collect(record, "", keys);
        return keys;
    }

    private static void collect(Class<?> record, String path, List<ConfigKey> keys) {
        for (RecordComponent component : record.getRecordComponents()) {
            String key = path + component.getName();
            Class<?> type = component.getType();
            if (type.isRecord()) {
                collect(type, key + ".", keys);
                continue;
            }
            Doc doc = component.getAnnotation(Doc.class);
            boolean optional = RecordBinder.isNullable(component);
            keys.add(new ConfigKey(key, kind(component.getGenericType()), optional, doc == null ? "" : doc.value()));
            if (Choices.isSealedFamily(type)) {
                Choices.members(type).forEach(member -> collect(member, key + ".", keys));
            }
        }
    }

    private static String kind(Type type) {
        if (type instanceof ParameterizedType list) {
            return "a list of: " + kind(list.getActualTypeArguments()[0]);
        }
        Class<?> plain = (Class<?>) type;
        if (Choices.isSealedFamily(plain)) {
            return Choices.members(plain).stream().map(Choices::nameOf).collect(Collectors.joining("|"));
        }
        return plain.isRecord() ? "a group of keys" : ScalarReader.describe(plain);
    }
}
