package org.rlhf4j.preference.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.digest.DigestSort;

/**
 * Finds texts that are nearly the same. Texts that agree in a band of their MinHash signatures (Leskovec, Rajaraman and
 * Ullman, "Mining of Massive Datasets", section 3.4) are compared by the {@linkplain Shingles#similarity similarity} of
 * all their shingles; those at or above the threshold belong together, and so does what belongs to either.
 *
 * <p>A row of several parts has two signatures, one of its first part, the prompt, and one of all others as one set, whose
 * similarity is never below that of the part least alike. Rows are compared that agree in a band of the second and whose
 * prompts belong together by bands of the first. So neither one prompt that many rows have nor one completion under many
 * prompts makes all of them be compared.
 *
 * <p>Memory: 16 bytes a text, 8 MiB of pairs that are not alike, and the shingles of some, 8 bytes a character of the
 * longest at least. Disk: the texts and 24 bytes a text and band, 48 where there are several parts. Time grows with the
 * pairs of texts that are alike to some degree but not near duplicates.
 */
final class NearDuplicates implements AutoCloseable {
    private static final int CACHED_SHINGLES = 1 << 21;
    private static final int REMEMBERED_PAIRS = 1 << 20;

    private final NearSettings settings;
    private final Shingles shingles;
    private final MinHash minHash;
    private final DigestSort promptBands = new DigestSort();
    private final DigestSort bands = new DigestSort();
    private final Clusters prompts = new Clusters();
    private final Clusters clusters = new Clusters();
    private final TextSpill texts = new TextSpill();
    private final LinkedHashMap<Integer, Sets> cache = new LinkedHashMap<>(16, 0.75f, true);
    private long cached;
    private int lastSingle = -1;
    private long comparisons;

    NearDuplicates(NearSettings settings) {
        this.settings = settings;
        this.shingles = new Shingles(settings.words(), settings.size());
        this.minHash = new MinHash(settings.hashes());
    }

    /**
     * A text made ready to be added.
     *
     * @param parts its parts
     * @param sizes how many shingles each of them has
     * @param prompt the signature of the first part; null where it is the only one
     * @param signature of the other parts, or of the only one
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Prepared(List<RowTexts.Part> parts, int[] sizes, int @Nullable [] prompt, int[] signature) {}

    /** Makes a text ready to be added; may be called by any thread. */
    Prepared prepare(List<RowTexts.Part> parts) {
        long[][] sets = shingles.of(parts);
        int[] sizes = Arrays.stream(sets).mapToInt(set -> set.length).toArray();
        if (sets.length == 1) {
            return new Prepared(parts, sizes, null, minHash.signature(sets));
        }
        return new Prepared(
                parts, sizes, minHash.signature(sets[0]), minHash.signature(Arrays.copyOfRange(sets, 1, sets.length)));
    }

    /** The next text gets the next number from 0. */
    void add(Prepared text) {
        int number = clusters.size();
        clusters.add();
        prompts.add();
        texts.add(text.parts(), text.sizes());
        add(bands, text.signature(), number);
        if (text.prompt() != null) {
            add(promptBands, text.prompt(), number);
        } else {
            if (lastSingle >= 0) {
                prompts.join(lastSingle, number);
            }
            lastSingle = number;
        }
    }

    private void add(DigestSort sort, int[] signature, int number) {
        for (int band = 0; band < settings.bands(); band++) {
            sort.add(MinHash.band(signature, band, settings.hashes() / settings.bands()), number);
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
        int[] firstPrompt = new int[1];
        promptBands.forEach((first, band, number) -> {
            if (first) {
                firstPrompt[0] = (int) number;
            } else {
                prompts.join(firstPrompt[0], (int) number);
            }
        });
        Map<Integer, Bucket> buckets = new HashMap<>();
        long[] unlike = new long[REMEMBERED_PAIRS];
        bands.forEach((first, band, number) -> {
            if (first) {
                buckets.clear();
            }
            buckets.computeIfAbsent(prompts.first((int) number), prompt -> new Bucket(unlike))
                    .add((int) number);
        });
        return clusters;
    }

    /** The texts that agree in one band, by what belongs together already: no two of one group need be compared. */
    private final class Bucket {
        private final Map<Integer, List<Integer>> groups = new LinkedHashMap<>();
        private final long[] unlike;

        Bucket(long[] unlike) {
            this.unlike = unlike;
        }

        void add(int number) {
            List<Integer> own = groups.remove(clusters.first(number));
            List<Integer> joined = own == null ? new ArrayList<>() : own;
            groups.values().removeIf(group -> {
                if (group.stream().noneMatch(other -> isAlike(number, other))) {
                    return false;
                }
                clusters.join(number, group.get(0));
                joined.addAll(group);
                return true;
            });
            joined.add(number);
            groups.put(clusters.first(number), joined);
        }

        /** Whether two texts are alike; those known not to be are not compared again in the next band. */
        private boolean isAlike(int a, int b) {
            long pair = (long) Math.max(a, b) << 32 | Math.min(a, b);
            int slot = (int) MinHash.mix(pair) & (unlike.length - 1);
            if (unlike[slot] == pair) {
                return false;
            }
            if (near(a, b)) {
                return true;
            }
            unlike[slot] = pair;
            return false;
        }
    }

    /** How often two texts were compared. */
    long comparisons() {
        return comparisons;
    }

    /** Whether two texts are at or above the threshold themselves. */
    boolean near(int a, int b) {
        comparisons++;
        Sets first = sets(a);
        Sets second = sets(b);
        if (first.sizes.length != second.sizes.length) {
            return false;
        }
        for (int part = 0; part < first.sizes.length; part++) {
            int least = Math.min(first.sizes[part], second.sizes[part]);
            if (least < settings.threshold() * Math.max(first.sizes[part], second.sizes[part])) {
                return false;
            }
        }
        for (int part : first.smallestFirst()) {
            if (Shingles.jaccard(set(first, part), set(second, part)) < settings.threshold()) {
                return false;
            }
        }
        return true;
    }

    /** The shingles of a text, of those parts that were asked for. */
    private static final class Sets {
        private final int number;
        private final int[] sizes;
        private final long[] @Nullable [] made;

        Sets(int number, int[] sizes) {
            this.number = number;
            this.sizes = sizes;
            this.made = new long[sizes.length][];
        }

        int[] smallestFirst() {
            return IntStream.range(0, sizes.length)
                    .boxed()
                    .sorted(Comparator.comparingInt(part -> sizes[part]))
                    .mapToInt(Integer::intValue)
                    .toArray();
        }

        /** What it takes in the cache, in numbers. */
        long weight() {
            return 16L
                    + Arrays.stream(made)
                            .mapToLong(set -> set == null ? 2 : set.length + 2)
                            .sum();
        }
    }

    private Sets sets(int number) {
        Sets known = cache.get(number);
        if (known != null) {
            return known;
        }
        Sets fresh = new Sets(number, texts.sizes(number));
        cache.put(number, fresh);
        cached += fresh.weight();
        trim();
        return fresh;
    }

    private long[] set(Sets sets, int part) {
        long[] known = sets.made[part];
        if (known != null) {
            return known;
        }
        long[] set = shingles.of(texts.get(sets.number).get(part));
        sets.made[part] = set;
        if (cache.get(sets.number) == sets) {
            cached += set.length;
            trim();
        }
        return set;
    }

    private void trim() {
        var eldest = cache.values().iterator();
        while (cached > CACHED_SHINGLES && cache.size() > 1) {
            cached -= eldest.next().weight();
            eldest.remove();
        }
    }

    @Override
    public void close() {
        promptBands.close();
        bands.close();
        texts.close();
    }
}
