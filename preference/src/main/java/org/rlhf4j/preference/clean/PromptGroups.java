package org.rlhf4j.preference.clean;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
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
     * How a row opens.
     *
     * @param digest of the text or turns
     * @param near for {@link NearDuplicates}, where they are asked
     */
    record Opening(Digest digest, NearDuplicates.@Nullable Prepared near) {}

    /** How the rows of one object open; may be called by any thread. */
    List<Opening> openings(List<Row> object) {
        return object.stream().map(this::opening).toList();
    }

    private Opening opening(Row row) {
        Content opening = RowTexts.opening(row);
        NearDuplicates.Prepared prepared =
                near == null ? null : near.prepare(List.of(new RowTexts.Part("prompt", RowTexts.normal(opening))));
        return new Opening(Digest.of(opening), prepared);
    }

    /**
     * Takes the rows of one object.
     *
     * @return whether they can stay together: not where their prompts differ and only the same ones do
     */
    boolean add(List<Opening> object) {
        int first = rows;
        boolean same = true;
        for (Opening opening : object) {
            same &= opening.digest().equals(object.get(0).digest());
            if (near == null || opening.near() == null) {
                keys.add(key(opening.digest()), 0);
            } else {
                near.add(opening.near());
                put(rows, opening.digest());
                near.join(first, rows);
                rows++;
            }
        }
        return same || near != null;
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

    /** The digest of a row's opening, as {@link #key(int, Digest)} needs it; may be called by any thread. */
    static Digest digest(Row row) {
        return Digest.of(RowTexts.opening(row));
    }

    /**
     * The key of a row's group.
     *
     * @param number 0, 1, ... in the order in which the rows were added
     * @param opening the digest of how it opens
     */
    Digest key(int number, Digest opening) {
        return key(clusters == null ? opening : get(clusters.first(number)));
    }

    private Digest key(Digest prompt) {
        return new Digest.Builder("split").add(seed).add(prompt).build();
    }

    @Override
    public void close() {
        keys.close();
        if (near != null) {
            near.close();
        }
    }
}
