package org.rlhf4j.preference.clean;

import java.util.List;
import org.rlhf4j.base.DataFormatException;

/**
 * When texts are nearly the same.
 *
 * <p>Two texts of the Jaccard similarity J (two rows: of all their completions as one) are compared with the probability {@code 1 - (1 - J^r)^b} for b bands of r
 * hashes each; with the defaults one pair in 20 million at J = 0.8 is missed.
 *
 * @param threshold from which Jaccard similarity on, above 0 and at most 1
 * @param hashes how many hash functions MinHash has
 * @param bands how many groups they make; two texts that agree in one group are compared
 * @param words whether texts are compared by runs of words; otherwise of characters
 * @param size how many make a run
 */
public record NearSettings(double threshold, int hashes, int bands, boolean words, int size) {
    /** What is taken where nothing else is said. */
    public static final NearSettings STANDARD = new NearSettings(0.8, 128, 32, false, 8);

    private static final int MOST = 4096;

    static final List<StepParameter> PARAMETERS = List.of(
            StepParameter.number(
                    "threshold",
                    0.05,
                    1,
                    STANDARD.threshold,
                    "from which Jaccard similarity on rows are nearly the same"),
            StepParameter.choice(
                    "shingle", "the runs that texts are compared by: of characters or words", "chars", "words"),
            StepParameter.whole("size", 1, MOST, (long) STANDARD.size, "how many make a run"),
            StepParameter.whole("hashes", 1, MOST, (long) STANDARD.hashes, "how many hash functions MinHash has"),
            StepParameter.whole("bands", 1, MOST, (long) STANDARD.bands, "how many groups they make, all of one size"));

    /**
     * Checks the values.
     *
     * @throws DataFormatException without a place, if one is out of range or the bands are not all of one size
     */
    public NearSettings {
        if (!(threshold > 0 && threshold <= 1)) {
            throw new DataFormatException("threshold is " + threshold + ", must be above 0 and at most 1");
        }
        if (size < 1 || bands < 1 || hashes < 1 || hashes % bands != 0) {
            throw new DataFormatException("hashes is " + hashes + ", must be a multiple of bands, which is " + bands
                    + ", as in hashes=128,bands=32");
        }
    }

    /** The same with another threshold. */
    public NearSettings withThreshold(double other) {
        return new NearSettings(other, hashes, bands, words, size);
    }

    static NearSettings of(StepSettings settings) {
        return new NearSettings(
                settings.number("threshold"),
                (int) settings.whole("hashes"),
                (int) settings.whole("bands"),
                settings.text("shingle").equals("words"),
                (int) settings.whole("size"));
    }
}
