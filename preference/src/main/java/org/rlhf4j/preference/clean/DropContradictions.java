package org.rlhf4j.preference.clean;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.digest.DigestSort;
import org.rlhf4j.preference.digest.RowKeys;
import org.rlhf4j.preference.digest.RowOrders;

/** Leaves out rows that prefer two completions of a prompt the other way round than others do: both sides, or the fewer. */
final class DropContradictions extends RowFilter {
    static final List<StepParameter> PARAMETERS = List.of(StepParameter.choice(
            "keep",
            "of rows that contradict each other: none, or those of the majority (none where both are as many)",
            "none",
            "majority"));

    private final boolean majority;
    private final DigestSort orders = new DigestSort();
    private final BitSet removed = new BitSet();

    DropContradictions(StepSettings settings) {
        majority = settings.text("keep").equals("majority");
    }

    @Override
    boolean looksFirst() {
        return true;
    }

    @Override
    void look(int number, Located<Row> row) {
        RowKeys keys = RowKeys.of(row.value());
        RowOrders.forEach(row.value(), (better, worse) -> {
            Digest high = keys.texts().get(better);
            Digest low = keys.texts().get(worse);
            // The same number for the same one of the two in every row.
            int direction = high.compareTo(low) <= 0 ? 0 : 1;
            orders.add(RowKeys.unordered(keys.prompt(), high, low), 2L * number + direction);
        });
    }

    @Override
    void decide() {
        Group group = new Group();
        orders.forEach((first, both, value) -> {
            if (first) {
                group.end();
            }
            group.add(value);
        });
        group.end();
    }

    /** The rows that compare the same two completions. */
    private final class Group {
        private long[] values = new long[16];
        private int size;
        private int second;

        void add(long value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
            second += (int) (value & 1);
        }

        void end() {
            int first = size - second;
            if (first > 0 && second > 0) {
                // No direction is -1, so that all go where none is in the majority.
                int kept = !majority || first == second ? -1 : first > second ? 0 : 1;
                for (int i = 0; i < size; i++) {
                    if ((values[i] & 1) != kept) {
                        removed.set((int) (values[i] >> 1));
                    }
                }
            }
            size = 0;
            second = 0;
        }
    }

    @Override
    @Nullable
    Removed judge(int number, Located<Row> row) {
        if (!removed.get(number)) {
            return null;
        }
        return new Removed("contradiction", "prefers two completions the other way round than another row");
    }

    @Override
    public void close() {
        orders.close();
    }
}
