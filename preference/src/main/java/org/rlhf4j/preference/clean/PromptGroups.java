package org.rlhf4j.preference.clean;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.digest.DigestSort;

/**
 * Which rows must stay together: those whose prompts open alike, or, with settings, nearly alike, and those of one object.
 * A group has a key that chance and its prompts give it, whatever the order of the rows.
 *
 * <p>Memory: none that grows; with settings, what {@link NearDuplicates} needs and 16 bytes a row.
 */
final class PromptGroups implements AutoCloseable {
    private final long seed;
    private final DigestSort keys = new DigestSort();
    private final @Nullable NearDuplicates near;
    private @Nullable Clusters clusters;
    private long[] openings = new long[2048];
    private int rows;

    PromptGroups(long seed, @Nullable NearSettings settings) {
        this.seed = seed;
        this.near = settings == null ? null : new NearDuplicates(settings);
    }

    /**
     * Takes the rows of one object.
     *
     * @return whether they can stay together: not where their prompts differ and only the same ones do
     */
    boolean add(List<Row> object) {
        if (near == null) {
            List<Digest> different =
                    object.stream().map(PromptGroups::opening).distinct().toList();
            object.forEach(row -> keys.add(key(different.get(0)), 0));
            return different.size() < 2;
        }
        int first = rows;
        for (Row row : object) {
            near.add(List.of(new RowTexts.Part("prompt", RowTexts.normal(RowTexts.opening(row)))));
            if (rows > first) {
                near.join(first, rows);
            }
            put(rows++, opening(row));
        }
        return true;
    }

    private void put(int row, Digest opening) {
        if (2 * row == openings.length) {
            openings = Arrays.copyOf(openings, 2 * openings.length);
        }
        openings[2 * row] = opening.high();
        openings[2 * row + 1] = opening.low();
    }

    private Digest get(int row) {
        return new Digest(openings[2 * row], openings[2 * row + 1]);
    }

    /** Passes the keys of all rows in their order; nothing can be added afterwards. */
    void forEach(DigestSort.Visitor visitor) {
        if (near != null) {
            clusters = near.find();
            for (int row = 0; row < rows; row++) {
                int first = clusters.first(row);
                if (get(row).compareTo(get(first)) < 0) {
                    put(first, get(row));
                }
            }
            for (int row = 0; row < rows; row++) {
                keys.add(key(get(clusters.first(row))), row);
            }
        }
        keys.forEach(visitor);
    }

    /**
     * The key of a row's group.
     *
     * @param number 0, 1, ... in the order in which the rows were added
     * @param row the row
     */
    Digest key(int number, Row row) {
        return key(clusters == null ? opening(row) : get(clusters.first(number)));
    }

    private Digest key(Digest prompt) {
        return new Digest.Builder("split").add(seed).add(prompt).build();
    }

    private static Digest opening(Row row) {
        return Digest.of(RowTexts.opening(row));
    }

    @Override
    public void close() {
        keys.close();
        if (near != null) {
            near.close();
        }
    }
}
