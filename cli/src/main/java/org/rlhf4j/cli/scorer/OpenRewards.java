package org.rlhf4j.cli.scorer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.Plugins;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.ppo.text.RewardSource;

/** The rewards of a run, opened. */
public final class OpenRewards implements AutoCloseable {
    private final List<NamedScorer> scorers = new ArrayList<>();
    private final List<RewardSource> sources = new ArrayList<>();

    private OpenRewards() {}

    /**
     * Opens them all, or none.
     *
     * @param option the option that names them, for messages
     * @param settings names and weights
     * @param plugins where classes are looked for besides the class path
     * @param models gives the directories of models
     * @throws UsageException if a name means no scorer
     */
    public static OpenRewards open(String option, List<RewardSetting> settings, Plugins plugins, Models models)
            throws IOException {
        OpenRewards rewards = new OpenRewards();
        try {
            for (RewardSetting setting : settings) {
                NamedScorer scorer = NamedScorer.open(option, setting.source(), plugins, models);
                rewards.scorers.add(scorer);
                rewards.sources.add(new RewardSource(scorer.name(), scorer.scorer(), setting.weight()));
            }
            return rewards;
        } catch (IOException | RuntimeException e) {
            rewards.close();
            throw e;
        }
    }

    /** The sources, in the order of the settings; usable until {@link #close}. */
    public List<RewardSource> sources() {
        return List.copyOf(sources);
    }

    @Override
    public void close() throws IOException {
        for (NamedScorer scorer : scorers) {
            scorer.close();
        }
    }
}
