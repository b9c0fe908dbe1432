package org.rlhf4j.core.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The names of closed families in settings: constants of an enum, and records of a sealed interface. */
final class Choices {
    /** The key that names the record of a sealed interface. */
    static final String TYPE = "type";

    private Choices() {}

    /** Names are equal whatever their case, and - is as good as _. */
    static boolean same(String a, String b) {
        return normal(a).equals(normal(b));
    }

    private static String normal(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }

    /** {@code BEST_VS_REST} as {@code best-vs-rest}. */
    static String nameOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** {@code BradleyTerry} as {@code bradley-terry}. */
    static String nameOf(Class<?> record) {
        return record.getSimpleName().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    /** The names of all constants of an enum. */
    static List<String> namesOf(Enum<?>[] constants) {
        List<String> names = new ArrayList<>();
        for (Enum<?> constant : constants) {
            names.add(nameOf(constant));
        }
        return names;
    }

    /** Whether a type is a sealed interface of records. */
    static boolean isSealedFamily(Class<?> type) {
        return type.isInterface() && type.isSealed();
    }

    /** The records of a sealed interface. */
    static List<Class<?>> members(Class<?> family) {
        List<Class<?>> members = new ArrayList<>();
        for (Class<?> member : family.getPermittedSubclasses()) {
            if (!member.isRecord()) {
                throw new IllegalArgumentException(member + " of the family " + family + " is not a record");
            }
            members.add(member);
        }
        return members;
    }
}
