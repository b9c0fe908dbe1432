package org.rlhf4j.cli.train;

import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PairWeights;
import org.rlhf4j.preference.RankingPairs;
import org.rlhf4j.preference.TiePolicy;

/** The settings of every command that trains on preferences; implemented by its record of settings. */
public interface PreferenceConfig extends TrainConfig {
    /** Which pairs of a ranking are trained on. */
    PairStrategy pairs();

    /** What becomes of tied completions of a ranking. */
    TiePolicy ties();

    /** What the pairs of one ranking weigh. */
    PairWeights weights();

    /** Whether pairs of one prompt that follow each other are one row of a batch. */
    boolean joinPairs();

    /** How rankings become pairs. */
    default RankingPairs conversion() {
        return new RankingPairs(pairs(), ties(), weights());
    }

    /** Gives these settings their defaults. */
    static <C extends Record & PreferenceConfig> ConfigReader<C> defaults(ConfigReader<C> reader) {
        return reader.defaults("pairs", PairStrategy.ALL)
                .defaults("ties", TiePolicy.DROP)
                .defaults("weights", PairWeights.NONE)
                .defaults("joinPairs", true)
                .defaults("encoding", TextEncoding.AS_STORED)
                .defaults("dtype", Dtype.FLOAT32);
    }
}
