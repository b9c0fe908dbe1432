package org.rlhf4j.ppo.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;
import org.rlhf4j.control.vector.SyncVectorEnvironment;
import org.rlhf4j.control.vector.VectorClipAction;
import org.rlhf4j.control.vector.VectorEnvironment;
import org.rlhf4j.control.vector.VectorEpisodeStatistics;
import org.rlhf4j.control.vector.VectorNormalizeObservation;
import org.rlhf4j.control.vector.VectorNormalizeReward;
import org.rlhf4j.control.wrap.EpisodeHistory;
import org.rlhf4j.control.wrap.RunningStatistics;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;

/**
 * The environments of a run, with what records and normalises them around.
 *
 * @param <A> an action of one environment
 */
final class TrainingEnvironments<A> implements AutoCloseable {
    private static final String ENVIRONMENTS = "environments";
    private static final String HISTORY = "history";
    private static final String OBSERVATIONS = "observation_statistics";
    private static final String REWARDS = "reward_statistics";

    private final VectorEnvironment<A> plain;
    private final VectorEpisodeStatistics<A> episodes;
    private final @Nullable VectorNormalizeObservation<A> observed;
    private final @Nullable VectorNormalizeReward<A> rewarded;
    private final VectorEnvironment<A> outermost;

    TrainingEnvironments(ControlConfig config, Supplier<Environment<A>> maker) {
        plain = new SyncVectorEnvironment<>(maker, config.numEnvs(), VectorEnvironment.AutoresetMode.SAME_STEP);
        episodes = new VectorEpisodeStatistics<>(clipped(plain));
        observed = config.normalizeObservations() ? new VectorNormalizeObservation<>(episodes) : null;
        VectorEnvironment<A> inner = observed == null ? episodes : observed;
        rewarded = config.normalizeRewards()
                ? new VectorNormalizeReward<>(inner, config.ppo().gamma())
                : null;
        outermost = rewarded == null ? inner : rewarded;
    }

    /** The policy's own record of an action stays unclipped: detail 5 of the continuous ones in Huang et al. 2022. */
    @SuppressWarnings("unchecked") // actions of a Box are float[]
    private static <A> VectorEnvironment<A> clipped(VectorEnvironment<A> plain) {
        return plain.actionSpace() instanceof Box
                ? (VectorEnvironment<A>) new VectorClipAction((VectorEnvironment<float[]>) plain)
                : plain;
    }

    /** With everything around: what a rollout is collected from. */
    VectorEnvironment<A> outermost() {
        return outermost;
    }

    /** Of one environment, as it is itself. */
    Box plainObservations() {
        return plain.observationSpace();
    }

    /** Of one environment, as it is itself. */
    Space<A> plainActions() {
        return plain.actionSpace();
    }

    /** The episodes that finished last. */
    EpisodeHistory history() {
        return episodes.history();
    }

    /** What observations are normalised with; null where they are not. */
    RunningStatistics.@Nullable State observationStatistics() {
        return observed == null ? null : observed.statistics().state();
    }

    /**
     * Hands out the environments as they stand, or, where they cannot be saved, what was found out about them.
     *
     * @return whether the environments themselves are saved
     */
    boolean saveTo(StateWriter out) {
        Optional<ObjectNode> saved = outermost.saved();
        if (saved.isPresent()) {
            out.put(ENVIRONMENTS, saved.get());
            return true;
        }
        out.put(HISTORY, history().saved());
        if (observed != null) {
            out.put(OBSERVATIONS, observed.statistics().state().toJson());
        }
        if (rewarded != null) {
            out.put(REWARDS, rewarded.statistics().state().toJson());
        }
        return false;
    }

    /**
     * Takes over what {@link #saveTo} handed out.
     *
     * @return whether the environments go on where they were; if not, episodes have to be begun
     */
    boolean restoreFrom(StateReader in) {
        if (in.has(ENVIRONMENTS)) {
            outermost.restore(in.object(ENVIRONMENTS));
            return true;
        }
        history().restore(in.object(HISTORY));
        if (observed != null) {
            restore(observed.statistics(), in.object(OBSERVATIONS));
        }
        if (rewarded != null) {
            restore(rewarded.statistics(), in.object(REWARDS));
        }
        return false;
    }

    private static void restore(RunningStatistics statistics, JsonFields saved) {
        statistics.restore(RunningStatistics.State.fromJson(saved, statistics.size()));
    }

    @Override
    public void close() {
        outermost.close();
    }
}
