package org.rlhf4j.core.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.NearestName;

/** Makes records out of trees of settings; whatever does not fit is refused with its key and its place. */
final class RecordBinder {
    private final Class<?> root;

    private RecordBinder(Class<?> root) {
        this.root = root;
    }

    static <R extends Record> R bind(Class<R> type, ConfigNode.Group settings) {
        return type.cast(new RecordBinder(type).record(type, settings, ""));
    }

    private Object record(Class<?> type, ConfigNode.Group settings, String path) {
        refuseUnknown(type, settings, path);
        RecordComponent[] components = type.getRecordComponents();
        @Nullable Object[] values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = component(components[i], settings, path);
        }
        return construct(type, values, settings, path);
    }

    private void refuseUnknown(Class<?> type, ConfigNode.Group settings, String path) {
        List<String> known = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .toList();
        settings.entries().forEach((key, value) -> {
            if (!known.contains(key) && !(key.equals(Choices.TYPE) && isMember(type))) {
                throw new ConfigException(value.origin(), unknown(key, known, path));
            }
        });
    }

    private static boolean isMember(Class<?> record) {
        return Arrays.stream(record.getInterfaces()).anyMatch(Choices::isSealedFamily);
    }

    /** Names the nearest sibling, else the places elsewhere in the tree where the key is known. */
    private String unknown(String key, List<String> known, String path) {
        Set<String> meant = new TreeSet<>();
        NearestName.of(key, known).ifPresent(sibling -> meant.add(path + sibling));
        if (meant.isEmpty()) {
            for (ConfigKey setting : ConfigKey.of(root)) {
                String leaf = setting.path().substring(setting.path().lastIndexOf('.') + 1);
                if (NearestName.of(key, List.of(leaf)).isPresent()) {
                    meant.add(setting.path());
                }
            }
        }
        String hint = meant.isEmpty() ? "" : ", did you mean \"" + String.join("\" or \"", meant) + "\"?";
        String siblings = known.stream().map(name -> path + name).collect(Collectors.joining(", "));
        return "unknown key \"" + path + key + "\"" + hint + " (known: " + siblings + ")";
    }

    private @Nullable Object component(RecordComponent component, ConfigNode.Group settings, String path) {
        String key = path + component.getName();
        ConfigNode node = settings.entries().get(component.getName());
        if (node instanceof ConfigNode.Scalar scalar && scalar.isNull() && !wantsText(component, scalar)) {
            if (!isNullable(component) && !component.getType().isRecord()) {
                throw new ConfigException(scalar.origin(), key + " has no value");
            }
            node = null;
        }
        if (node != null) {
            return value(component.getGenericType(), node, key);
        }
        if (isNullable(component)) {
            return null;
        }
        if (component.getType().isRecord()) {
            // Its own components say what is missing.
            return record(component.getType(), new ConfigNode.Group(Map.of(), settings.origin()), key + ".");
        }
        throw new ConfigException(
                "", key + " is required: give it in the settings file or with --set " + key + "=VALUE");
    }

    /** An empty text is a value for a text setting that has no null. */
    private static boolean wantsText(RecordComponent component, ConfigNode.Scalar scalar) {
        return component.getType() == String.class
                && !isNullable(component)
                && scalar.text().isEmpty();
    }

    static boolean isNullable(RecordComponent component) {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private Object value(Type type, ConfigNode node, String key) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            return items(list.getActualTypeArguments()[0], node, key);
        }
        Class<?> wanted = (Class<?>) type;
        if (wanted.isRecord()) {
            return record(wanted, group(node, key), key + ".");
        }
        if (Choices.isSealedFamily(wanted)) {
            return choice(wanted, node, key);
        }
        if (!ScalarReader.reads(wanted)) {
            throw new IllegalArgumentException("settings cannot be of " + wanted + " (" + key + ")");
        }
        return scalar(wanted, node, key);
    }

    private static Object scalar(Class<?> wanted, ConfigNode node, String key) {
        if (node instanceof ConfigNode.Scalar scalar) {
            Object value = ScalarReader.read(wanted, scalar, key);
            if (value != null) {
                return value;
            }
        }
        throw new ConfigException(
                node.origin(),
                key + " is " + shown(node) + ", must be " + ScalarReader.describe(wanted) + range(wanted));
    }

    private static String range(Class<?> type) {
        return type == int.class || type == Integer.class ? " below 2^31" : "";
    }

    private List<Object> items(Type type, ConfigNode node, String key) {
        ConfigNode list =
                node instanceof ConfigNode.Scalar scalar && scalar.text().startsWith("[")
                        ? YamlTree.parse(scalar.text(), line -> scalar.origin())
                        : node;
        if (!(list instanceof ConfigNode.Items items)) {
            throw new ConfigException(node.origin(), key + " is " + shown(node) + ", must be a list such as [a, b]");
        }
        List<Object> values = new ArrayList<>();
        for (ConfigNode item : items.items()) {
            values.add(value(type, item, key + "[" + values.size() + "]"));
        }
        return List.copyOf(values);
    }

    private static ConfigNode.Group group(ConfigNode node, String key) {
        ConfigNode parsed =
                node instanceof ConfigNode.Scalar scalar && scalar.text().startsWith("{")
                        ? YamlTree.parse(scalar.text(), line -> scalar.origin())
                        : node;
        if (parsed instanceof ConfigNode.Group group) {
            return group;
        }
        throw new ConfigException(node.origin(), key + " is " + shown(node) + ", must be a group of keys");
    }

    private Object choice(Class<?> family, ConfigNode node, String key) {
        ConfigNode.Group group =
                node instanceof ConfigNode.Scalar scalar && !scalar.text().startsWith("{")
                        ? new ConfigNode.Group(Map.of(Choices.TYPE, scalar), scalar.origin())
                        : group(node, key);
        List<String> names =
                Choices.members(family).stream().map(Choices::nameOf).toList();
        if (!(group.entries().get(Choices.TYPE) instanceof ConfigNode.Scalar type)) {
            throw new ConfigException(
                    group.origin(), key + " has no " + Choices.TYPE + " (known: " + String.join(", ", names) + ")");
        }
        for (Class<?> member : Choices.members(family)) {
            if (Choices.same(Choices.nameOf(member), type.text())) {
                return record(member, group, key + ".");
            }
        }
        throw new ConfigException(type.origin(), key + ": " + NearestName.unknown(Choices.TYPE, type.text(), names));
    }

    private static Object construct(Class<?> type, @Nullable Object[] values, ConfigNode.Group settings, String path) {
        Class<?>[] types = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused(type, String.valueOf(refused.getMessage()), settings, path);
            }
            throw new IllegalStateException(type + " cannot be made", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " cannot be made", e);
        }
    }

    /** A record's own refusal begins with the component's name: that leads to the place of its value. */
    private static ConfigException refused(Class<?> type, String message, ConfigNode.Group settings, String path) {
        for (RecordComponent component : type.getRecordComponents()) {
            if (message.startsWith(component.getName() + " ") || message.startsWith(component.getName() + ":")) {
                ConfigNode node = settings.entries().get(component.getName());
                return new ConfigException(node == null ? "" : node.origin(), path + message);
            }
        }
        return new ConfigException(
                settings.origin(), path.isEmpty() ? message : path.substring(0, path.length() - 1) + ": " + message);
    }

    private static String shown(ConfigNode node) {
        if (node instanceof ConfigNode.Scalar scalar) {
            return scalar.quoted() ? "the text \"" + scalar.text() + "\"" : "\"" + scalar.text() + "\"";
        }
        return node instanceof ConfigNode.Items ? "a list" : "a group of keys";
    }
}
