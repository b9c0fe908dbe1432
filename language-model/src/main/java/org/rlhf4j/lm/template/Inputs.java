package org.rlhf4j.lm.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of Java as values of a template, which are copies. */
final class Inputs {
    private Inputs() {}

    static Object value(@Nullable Object given, int depth) {
        Budget.requireNesting(depth);
        if (given == null) {
            return None.NONE;
        }
        if (given instanceof String || given instanceof Boolean) {
            return given;
        }
        if (given instanceof Double || given instanceof Float || given instanceof BigDecimal) {
            return ((Number) given).doubleValue();
        }
        if (given instanceof BigInteger big && big.bitLength() > 63) {
            throw new TemplateException("the number " + big + " has more than 64 bits");
        }
        if (given instanceof Number number) {
            return number.longValue();
        }
        if (given instanceof List<?> list) {
            List<Object> items = new ArrayList<>();
            list.forEach(item -> items.add(value(item, depth + 1)));
            return items;
        }
        if (given instanceof Map<?, ?> map) {
            Map<Object, Object> entries = new LinkedHashMap<>();
            map.forEach((key, value) -> {
                if (!(key instanceof String)) {
                    throw new IllegalArgumentException("a key of a template's variables must be a text, not " + key);
                }
                entries.put(key, value(value, depth + 1));
            });
            return entries;
        }
        throw new IllegalArgumentException(
                "a template cannot be given a " + given.getClass().getSimpleName());
    }
}
