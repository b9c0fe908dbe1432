package org.rlhf4j.preference.container;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;

/** How large the row is that is being put together, and the first thing that is wrong with it. */
final class ParquetRow {
    /** What a value takes in memory beside its text, roughly; so a row has at most half a million values. */
    private static final int NODE_BYTES = 32;

    private long bytes;
    private @Nullable String problem;

    /** Where a value belongs. */
    @FunctionalInterface
    interface Sink {
        void add(JsonNode value);
    }

    void clear() {
        bytes = NODE_BYTES;
        problem = null;
    }

    /** Adds a value unless the row has become too long; its length is counted all the same. */
    void add(Sink sink, JsonNode value, int textBytes) {
        bytes += NODE_BYTES + (long) textBytes;
        if (bytes <= Json.Size.ROW.maxBytes()) {
            sink.add(value);
        } else {
            problem("the row is longer than " + Json.Size.ROW.maxBytes() + " bytes");
        }
    }

    void problem(String reason) {
        if (problem == null) {
            problem = reason;
        }
    }

    /** Why the row cannot be used; null if it can. */
    @Nullable
    String problem() {
        return problem;
    }

    /** How long the row is, values left out included. */
    long bytes() {
        return bytes;
    }
}
