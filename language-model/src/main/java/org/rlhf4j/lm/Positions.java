package org.rlhf4j.lm;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The rotary turns of a model's layers, which may have different frequencies, or none. */
final class Positions {
    private final ModelConfig config;
    private final Map<Rope, RotaryTable> tables = new LinkedHashMap<>();

    Positions(ModelConfig config, NDManager owner, DataType type) {
        this.config = config;
        for (int layer = 0; layer < config.sizes().layers(); layer++) {
            config.rope(layer)
                    .ifPresent(rope -> tables.computeIfAbsent(
                            rope, each -> new RotaryTable(each, config.sizes().headDim(), owner, type)));
        }
    }

    /** The turns of some tokens, by layer. */
    final class Turns {
        private final Map<Rope, RotaryTable.Turns> turns = new HashMap<>();

        private Turns(Function<RotaryTable, RotaryTable.Turns> each) {
            tables.forEach((rope, table) -> turns.put(rope, each.apply(table)));
        }

        /** Those of a layer, or null where it has none. */
        RotaryTable.@Nullable Turns of(int layer) {
            return config.rope(layer).map(turns::get).orElse(null);
        }
    }

    /** The turns of each column of a batch. */
    Turns of(PaddedBatch batch) {
        return new Turns(table -> table.of(batch));
    }

    /** The turns of one more token a row, at its position. */
    Turns next(long[] positions) {
        return new Turns(table -> table.next(positions));
    }
}
