package org.rlhf4j.base;

import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;

/** How indented JSON looks, the same on every system. */
final class JsonLayout {
    private static final DefaultPrettyPrinter INDENTED = new DefaultPrettyPrinter(
                    Separators.createDefaultInstance().withObjectFieldValueSpacing(Spacing.AFTER))
            .withObjectIndenter(new DefaultIndenter("  ", "\n"))
            .withArrayIndenter(new DefaultIndenter("  ", "\n"));

    private JsonLayout() {}

    /** Two spaces, \n, {@code "key": value}, one array element a line; an own instance, for it counts the depth. */
    static PrettyPrinter indented() {
        return INDENTED.createInstance();
    }
}
