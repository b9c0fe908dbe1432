package org.rlhf4j.control.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlhf4j.control.classic.CartPole;
import org.rlhf4j.control.classic.MountainCarContinuous;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.vector.VectorEnvironment.AutoresetMode;
import org.rlhf4j.control.vector.VectorEnvironment.VectorStep;
import org.rlhf4j.control.wrap.EpisodeStatistics;
import org.rlhf4j.control.wrap.TimeLimit;

class VectorWrappersTest {
    @ParameterizedTest
    @EnumSource
    void episodesAreRecordedInTheInfoOfTheirLastStep(AutoresetMode mode) {
        VectorEpisodeStatistics<Integer> vector = new VectorEpisodeStatistics<>(cartPoles(mode));
        vector.reset(0L);
        for (int episode = 0; episode < 2; episode++) {
            assertThat(recorded(vector.step(List.of(0, 1)))).isEmpty();
            assertThat(recorded(vector.step(List.of(0, 1)))).isEmpty();
            VectorStep last = vector.step(List.of(0, 1));
            assertThat(recorded(last)).containsExactly(new EpisodeStatistics(3, 3), new EpisodeStatistics(3, 3));
            assertThat(EpisodeStatistics.in(last.infos().get(0)) == null).isEqualTo(mode == AutoresetMode.SAME_STEP);
            if (mode == AutoresetMode.NEXT_STEP) {
                assertThat(recorded(vector.step(List.of(0, 1)))).isEmpty();
            } else if (mode == AutoresetMode.DISABLED) {
                vector.reset(null, new boolean[] {true, true});
            }
        }
        assertThat(vector.history().count()).isEqualTo(4);
        assertThat(vector.history().meanReturn()).isEqualTo(3);
        assertThat(vector.history().meanLength()).isEqualTo(3);
    }

    @Test
    void aResetInTheMiddleStartsTheCountAgain() {
        VectorEpisodeStatistics<Integer> vector = new VectorEpisodeStatistics<>(cartPoles(AutoresetMode.SAME_STEP));
        vector.reset(0L);
        vector.step(List.of(0, 1));
        vector.reset(null);
        vector.step(List.of(0, 1));
        vector.step(List.of(0, 1));
        assertThat(recorded(vector.step(List.of(0, 1)))).containsOnly(new EpisodeStatistics(3, 3));
    }

    @Test
    void recordingInsideNormalisationKeepsTheRewardsOfTheEnvironment() {
        VectorEpisodeStatistics<Integer> statistics = new VectorEpisodeStatistics<>(cartPoles(AutoresetMode.SAME_STEP));
        VectorEnvironment<Integer> vector = new VectorNormalizeReward<>(statistics, 0.99);
        vector.reset(0L);
        vector.step(List.of(0, 1));
        vector.step(List.of(0, 1));
        VectorStep last = vector.step(List.of(0, 1));
        assertThat(last.rewards()[0]).isNotEqualTo(1);
        assertThat(recorded(last)).containsOnly(new EpisodeStatistics(3, 3));
    }

    @Test
    void recordingTwiceIsRefused() {
        VectorEnvironment<Integer> vector =
                new VectorEpisodeStatistics<>(new VectorEpisodeStatistics<>(cartPoles(AutoresetMode.SAME_STEP)));
        vector.reset(0L);
        vector.step(List.of(0, 1));
        vector.step(List.of(0, 1));
        assertThatThrownBy(() -> vector.step(List.of(0, 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the info already has \"episode\": episodes are recorded twice");
    }

    @Test
    void actionsAreClippedForTheEnvironmentAlone() {
        VectorClipAction vector = new VectorClipAction(
                new SyncVectorEnvironment<>(MountainCarContinuous::new, 1, AutoresetMode.SAME_STEP));
        assertThat(vector.actionSpace()).isEqualTo(new Box(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 1));
        vector.reset(0L);
        float[] action = {3};
        // Bare, the environment would charge 0.9 for an action of 3.
        assertThat(vector.step(List.of(action)).rewards()[0]).isEqualTo(-0.1);
        assertThat(action).containsExactly(3);
    }

    private static List<EpisodeStatistics> recorded(VectorStep step) {
        List<EpisodeStatistics> recorded = new ArrayList<>();
        for (int i = 0; i < step.rewards().length; i++) {
            for (Map<String, Object> info : List.of(step.infos().get(i), finalInfo(step, i))) {
                EpisodeStatistics episode = EpisodeStatistics.in(info);
                if (episode != null) {
                    recorded.add(episode);
                }
            }
        }
        return recorded;
    }

    private static Map<String, Object> finalInfo(VectorStep step, int i) {
        Map<String, Object> info = step.finalInfos().get(i);
        return info == null ? Map.of() : info;
    }

    private static VectorEnvironment<Integer> cartPoles(AutoresetMode mode) {
        return new SyncVectorEnvironment<>(() -> new TimeLimit<>(new CartPole(), 3), 2, mode);
    }
}
