package org.rlhf4j.control.wrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.classic.Acrobot;
import org.rlhf4j.control.classic.CartPole;
import org.rlhf4j.control.classic.MountainCarContinuous;
import org.rlhf4j.control.classic.Pendulum;
import org.rlhf4j.control.space.Box;

class WrappersTest {
    @Test
    void aTimeLimitTruncatesAlsoWhatTerminates() {
        Environment<Integer> environment = new TimeLimit<>(new CartPole(), 1);
        environment.reset(0L, Map.of("low", 0.3, "high", 0.3));
        Environment.Step step = environment.step(0);
        assertThat(step.terminated()).isTrue();
        assertThat(step.truncated()).isTrue();
        assertThat(environment.spec().maxEpisodeSteps()).isEqualTo(1);
    }

    @Test
    void aTimeLimitCountsFromTheReset() {
        Environment<Integer> environment = new TimeLimit<>(new Acrobot(), 2);
        for (int episode = 0; episode < 2; episode++) {
            environment.reset(0);
            assertThat(environment.step(1).truncated()).isFalse();
            assertThat(environment.step(1).truncated()).isTrue();
        }
        assertThatThrownBy(() -> new TimeLimit<>(new Acrobot(), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a time limit must be positive, not 0");
    }

    @Test
    void stepsOutOfOrderAreRefusedAndAFailedResetStartsNothing() {
        Environment<Integer> environment = new OrderEnforcing<>(new CartPole());
        assertThatThrownBy(() -> environment.step(0)).hasMessage("CartPole-v1: step before reset; call reset first");
        assertThatThrownBy(() -> environment.reset(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> environment.step(0)).hasMessage("CartPole-v1: step before reset; call reset first");
        environment.reset(0L, Map.of("low", 0.3, "high", 0.3));
        assertThat(environment.step(0).terminated()).isTrue();
        assertThatThrownBy(() -> environment.step(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("CartPole-v1: step after the end of the episode; call reset first");
    }

    @Test
    void clippedActionsMayBeAnything() {
        Environment<float[]> environment = new ClipAction(new MountainCarContinuous());
        assertThat(environment.actionSpace()).isEqualTo(new Box(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 1));
        environment.reset(0);
        assertThat(environment.step(new float[] {-7}).reward()).isEqualTo(-0.1);
        assertThatThrownBy(() -> environment.step(new float[] {Float.NaN}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void rescaledActionsReachTheBounds() {
        Environment<float[]> environment = new RescaleAction(new Pendulum(), -1, 1);
        Environment<float[]> bare = new Pendulum();
        assertThat(environment.actionSpace()).isEqualTo(new Box(-1, 1, 1));
        for (float action : new float[] {-1, -0.25f, 0, 1}) {
            environment.reset(0);
            bare.reset(0);
            assertThat(environment.step(new float[] {action}).observation())
                    .containsExactly(bare.step(new float[] {2 * action}).observation());
        }
        assertThatThrownBy(() -> environment.step(new float[2]))
                .hasMessage("Pendulum-v1: an action of 2 elements is not in Box(-1.0, 1.0, (1,), float32)");
        assertThatThrownBy(() -> new RescaleAction(new Pendulum(), 1, 1))
                .hasMessage("actions must be rescaled to a finite interval, not 1.0 to 1.0");
        assertThatThrownBy(() -> new RescaleAction(new ClipAction(new Pendulum()), -1, 1))
                .hasMessageEndingWith("cannot be rescaled: element 0 has no finite interval");
    }

    @Test
    void rewardsAreTransformedAndClipped() {
        Environment<Integer> doubled = new TransformReward<>(new CartPole(), reward -> 2 * reward);
        doubled.reset(0);
        assertThat(doubled.step(0).reward()).isEqualTo(2);
        Environment<Integer> clipped = TransformReward.clip(new Acrobot(), -0.5, 1);
        clipped.reset(0);
        assertThat(clipped.step(0).reward()).isEqualTo(-0.5);
        assertThatThrownBy(() -> TransformReward.clip(new Acrobot(), 1, 0))
                .hasMessage("the smallest reward (1.0) must not be above the largest (0.0)");
    }

    @Test
    void statisticsThatDoNotUpdateAreShared() {
        RunningStatistics statistics =
                new RunningStatistics(new RunningStatistics.State(List.of(0.0, 0.0), List.of(4.0, 4.0), 10));
        NormalizeObservation<float[]> environment = new NormalizeObservation<>(new MountainCarContinuous(), statistics);
        environment.setUpdating(false);
        float[] bare = new MountainCarContinuous().reset(3).observation();
        assertThat(environment.reset(3).observation()).containsExactly(new float[] {bare[0] / 2, 0}, within(1e-7f));
        assertThat(statistics.state().count()).isEqualTo(10);
        NormalizeReward<Integer> reward = new NormalizeReward<>(new CartPole(), 0.9);
        reward.setUpdating(false);
        reward.reset(0);
        assertThat(reward.step(0).reward()).isCloseTo(1, within(1e-8));
        assertThat(reward.statistics().state().count()).isEqualTo(1e-4);
    }

    @Test
    void onlyTheLastEpisodesAreKept() {
        EpisodeHistory history = new EpisodeHistory(2);
        assertThat(history.meanReturn()).isNaN();
        for (int i = 1; i <= 3; i++) {
            history.add(new EpisodeStatistics(i, 10 * i));
        }
        assertThat(history.count()).isEqualTo(3);
        assertThat(history.recent()).containsExactly(new EpisodeStatistics(2, 20), new EpisodeStatistics(3, 30));
        assertThat(history.meanReturn()).isEqualTo(2.5);
        assertThat(history.meanLength()).isEqualTo(25);
        assertThatThrownBy(() -> new EpisodeHistory(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void wrappersPassOnWhatTheyDoNotChange() {
        CartPole inside = new CartPole();
        Environment<Integer> environment = new RecordEpisodeStatistics<>(
                new TransformReward<>(new OrderEnforcing<>(new TimeLimit<>(inside, 9)), reward -> reward));
        assertThat(environment.unwrapped()).isSameAs(inside);
        assertThat(environment.observationSpace()).isSameAs(inside.observationSpace());
        assertThat(environment.actionSpace()).isSameAs(inside.actionSpace());
        assertThat(environment.spec().maxEpisodeSteps()).isEqualTo(9);
        assertThat(environment.reset(5).observation())
                .containsExactly(new CartPole().reset(5).observation());
    }
}
