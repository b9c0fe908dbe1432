package org.rlhf4j.lm.text;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The token ids of a text, and how much of it the tokenizer has no token for. */
final class EncodedText {
    private final int[] ids;
    private final int unknown;
    private final @Nullable String firstUnknown;

    EncodedText(int[] ids, int unknown, @Nullable String firstUnknown) {
        this.ids = ids;
        this.unknown = unknown;
        this.firstUnknown = firstUnknown;
    }

    static EncodedText join(List<EncodedText> parts) {
        int[] ids = parts.stream().flatMapToInt(part -> Arrays.stream(part.ids)).toArray();
        int unknown = parts.stream().mapToInt(part -> part.unknown).sum();
        @Nullable
        String first = parts.stream()
                .map(part -> part.firstUnknown)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        return new EncodedText(ids, unknown, first);
    }

    /** The ids, {@code [T]}; not a copy. */
    int[] ids() {
        return ids;
    }

    /** How many pieces of the text have no token. */
    int unknown() {
        return unknown;
    }

    /** The first of those pieces, or null. */
    @Nullable
    String firstUnknown() {
        return firstUnknown;
    }
}
