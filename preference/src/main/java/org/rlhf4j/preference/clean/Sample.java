package org.rlhf4j.preference.clean;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.digest.DigestSort;
import org.rlhf4j.preference.digest.RowKeys;

/**
 * Keeps a part of the rows: those first in the order of {@code SHA-256(seed, row)}, of all rows or of each source. Which
 * they are depends on what the rows say and not on their order, but that of equal rows the earlier is kept.
 */
final class Sample extends RowFilter {
    static final List<StepParameter> PARAMETERS = List.of(
            StepParameter.share("fraction", null, "the share of the rows that is kept; this or count"),
            StepParameter.count("count", "how many rows are kept, where there are as many; this or fraction"),
            StepParameter.choice("per", "a part of what: of all rows, or of the rows of each source", "all", "source"),
            StepParameter.seed());

    private final @Nullable Double fraction;
    private final @Nullable Long count;
    private final boolean perSource;
    private final long seed;
    private final DigestSort order = new DigestSort();
    private final BitSet kept = new BitSet();

    Sample(StepSettings settings) {
        fraction = settings.numberOrNull("fraction");
        count = settings.wholeOrNull("count");
        perSource = settings.text("per").equals("source");
        seed = settings.whole("seed");
        if ((fraction == null) == (count == null)) {
            throw new DataFormatException("sample: give one of fraction and count, as in sample:fraction=0.1");
        }
    }

    @Override
    boolean looksFirst() {
        return true;
    }

    @Override
    void look(int number, Located<Row> row) {
        String source = row.value().origin().source();
        long group = perSource && source != null
                ? new Digest.Builder("source").add(source).build().high()
                : 0;
        order.add(new Digest(group, chance(seed, row.value())), number);
    }

    /** A number that every row has by chance, always the same one. */
    static long chance(long seed, Row row) {
        return new Digest.Builder("chance")
                .add(seed)
                .add(RowKeys.of(row).row())
                .build()
                .high();
    }

    @Override
    void decide() {
        Group group = new Group();
        order.forEach((first, key, number) -> group.add(key.high(), (int) number));
        group.end();
    }

    /** The rows of a source in their order: 4 bytes a row. */
    private final class Group {
        private int[] numbers = new int[1024];
        private int size;
        private long source;

        void add(long of, int number) {
            if (of != source) {
                end();
                source = of;
            }
            if (size == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * size);
            }
            numbers[size++] = number;
        }

        void end() {
            long wanted = fraction == null ? Objects.requireNonNull(count) : Math.round(fraction * size);
            for (int i = 0; i < Math.min(wanted, size); i++) {
                kept.set(numbers[i]);
            }
            size = 0;
        }
    }

    @Override
    @Nullable
    Removed judge(int number, Located<Row> row) {
        return kept.get(number) ? null : new Removed("not-sampled", "chance left it out");
    }

    @Override
    public void close() {
        order.close();
    }
}
