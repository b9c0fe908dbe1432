package org.rlhf4j.preference.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlhf4j.preference.digest.DigestSort;

/**
 * Finds texts that are nearly the same. Texts that agree in a band of their MinHash signatures (Leskovec, Rajaraman and
 * Ullman, "Mining of Massive Datasets", section 3.4) are compared by the {@linkplain Shingles#similarity similarity} of
 * all their shingles; those at or above the threshold belong together, and so does what belongs to either. The signature
 * is of all parts of a row as one set, whose similarity is never below that of the parts least alike.
 *
 * <p>Memory: 12 bytes a text and the shingles of some, 8 bytes a character of the longest at least. Disk: the texts and 24
 * bytes a text and band. Time grows with the pairs of texts that are alike to some degree but not near duplicates.
 */
final class NearDuplicates implements AutoCloseable {
    private static final int CACHED_SHINGLES = 1 << 21;

    private final NearSettings settings;
    private final Shingles shingles;
    private final MinHash minHash;
    private final DigestSort bands = new DigestSort();
    private final Clusters clusters = new Clusters();
    private final TextSpill texts = new TextSpill();
    private final LinkedHashMap<Integer, long[][]> cache = new LinkedHashMap<>(16, 0.75f, true);
    private long cached;

    NearDuplicates(NearSettings settings) {
        this.settings = settings;
        this.shingles = new Shingles(settings.words(), settings.size());
        this.minHash = new MinHash(settings.hashes());
    }

    /**
     * A text made ready to be added.
     *
     * @param parts its parts
     * @param signature of all of them
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Prepared(List<RowTexts.Part> parts, int[] signature) {}

    /** Makes a text ready to be added; may be called by any thread. */
    Prepared prepare(List<RowTexts.Part> parts) {
        return new Prepared(parts, minHash.signature(shingles.of(parts)));
    }

    /** The next text gets the next number from 0. */
    void add(Prepared text) {
        int number = clusters.size();
        clusters.add();
        texts.add(text.parts());
        for (int band = 0; band < settings.bands(); band++) {
            bands.add(MinHash.band(text.signature(), band, settings.hashes() / settings.bands()), number);
        }
    }

    /** The next text gets the next number from 0. */
    void add(List<RowTexts.Part> parts) {
        add(prepare(parts));
    }

    /** Puts two texts together, however alike they are. */
    void join(int a, int b) {
        clusters.join(a, b);
    }

    /** Which texts belong together; nothing can be added afterwards. */
    Clusters find() {
        Bucket bucket = new Bucket();
        bands.forEach((first, band, number) -> {
            if (first) {
                bucket.clear();
            }
            bucket.add((int) number);
        });
        cache.clear();
        return clusters;
    }

    /** The texts that agree in one band, by what belongs together already: no two of one group need be compared. */
    private final class Bucket {
        private final Map<Integer, List<Integer>> groups = new LinkedHashMap<>();

        void clear() {
            groups.clear();
        }

        void add(int number) {
            List<Integer> own = groups.remove(clusters.first(number));
            List<Integer> joined = own == null ? new ArrayList<>() : own;
            groups.values().removeIf(group -> {
                if (group.stream().noneMatch(other -> near(number, other))) {
                    return false;
                }
                clusters.join(number, group.get(0));
                joined.addAll(group);
                return true;
            });
            joined.add(number);
            groups.put(clusters.first(number), joined);
        }
    }

    private boolean near(int a, int b) {
        return Shingles.similarity(shingles(a), shingles(b)) >= settings.threshold();
    }

    private long[][] shingles(int number) {
        long[][] known = cache.get(number);
        if (known != null) {
            return known;
        }
        long[][] made = shingles.of(texts.get(number));
        cache.put(number, made);
        cached += size(made);
        var eldest = cache.values().iterator();
        while (cached > CACHED_SHINGLES && cache.size() > 1) {
            cached -= size(eldest.next());
            eldest.remove();
        }
        return made;
    }

    private static long size(long[][] sets) {
        return Arrays.stream(sets).mapToLong(set -> set.length).sum();
    }

    @Override
    public void close() {
        bands.close();
        texts.close();
    }
}
