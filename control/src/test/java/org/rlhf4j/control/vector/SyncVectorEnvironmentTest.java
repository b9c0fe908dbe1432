package org.rlhf4j.control.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.classic.Acrobot;
import org.rlhf4j.control.classic.CartPole;
import org.rlhf4j.control.classic.MountainCar;
import org.rlhf4j.control.vector.VectorEnvironment.AutoresetMode;
import org.rlhf4j.control.wrap.TimeLimit;
import org.rlhf4j.control.wrap.Wrapper;

class SyncVectorEnvironmentTest {
    @Test
    void environmentIGetsSeedPlusI() {
        VectorEnvironment<Integer> vector = vector(AutoresetMode.SAME_STEP);
        float[][] observations = vector.reset(40L).observations();
        for (int i = 0; i < 3; i++) {
            assertThat(observations[i])
                    .containsExactly(new CartPole().reset(40 + i).observation());
        }
    }

    @Test
    void aFirstResetWithoutSeedIsThatOfSeedZero() {
        VectorEnvironment<Integer> vector = vector(AutoresetMode.SAME_STEP);
        float[][] first = vector.reset(null).observations();
        float[][] second = vector.reset(null).observations();
        assertThat(first)
                .isDeepEqualTo(vector(AutoresetMode.SAME_STEP).reset(0L).observations());
        assertThat(first[0]).isNotEqualTo(first[1]).isNotEqualTo(second[0]);
    }

    @Test
    void inModeDisabledAnEnvironmentThatEndedMustBeReset() {
        VectorEnvironment<Integer> vector = vector(AutoresetMode.DISABLED);
        vector.reset(0L);
        VectorEnvironment.VectorStep step = vector.step(List.of(0, 1, 0));
        assertThat(step.truncated()).containsExactly(false, false, false);
        vector.step(List.of(0, 1, 0));
        assertThatThrownBy(() -> vector.step(List.of(0, 1, 0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "CartPole-v1: the episodes of environments [0, 1, 2] have ended; in mode DISABLED reset them first");
        vector.reset(null, new boolean[] {true, true, false});
        assertThatThrownBy(() -> vector.step(List.of(0, 1, 0))).hasMessageContaining("environments [2] have ended");
    }

    @Test
    void aMaskedResetShowsTheOthersAsTheyWere() {
        VectorEnvironment<Integer> vector = vector(AutoresetMode.DISABLED);
        vector.reset(0L);
        float[][] before = vector.step(List.of(0, 1, 0)).observations();
        float[] kept = before[1].clone();
        before[1][0] = 99;
        float[][] after = vector.reset(7L, new boolean[] {true, false, true}).observations();
        assertThat(after[1]).containsExactly(kept);
        assertThat(after[2]).containsExactly(new CartPole().reset(9).observation());
    }

    @Test
    void masksWithoutMeaningAreRefused() {
        VectorEnvironment<Integer> vector = vector(AutoresetMode.DISABLED);
        assertThatThrownBy(() -> vector.reset(null, new boolean[] {true, true, true}))
                .isInstanceOf(IllegalStateException.class);
        vector.reset(0L);
        assertThatThrownBy(() -> vector.reset(null, new boolean[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the mask names no environment to reset");
        assertThatThrownBy(() -> vector.reset(null, new boolean[] {true})).hasMessage("a mask of 1 for 3 environments");
        VectorEnvironment<Integer> other = vector(AutoresetMode.NEXT_STEP);
        other.reset(0L);
        assertThatThrownBy(() -> other.reset(null, new boolean[] {true, false, false}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "CartPole-v1: in mode NEXT_STEP environments reset themselves; a mask is for mode DISABLED");
    }

    @Test
    void stepsWantAResetAndAnActionForEach() {
        VectorEnvironment<Integer> vector = vector(AutoresetMode.SAME_STEP);
        assertThatThrownBy(() -> vector.step(List.of(0, 0, 0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("CartPole-v1: step before reset; call reset first");
        vector.reset(0L);
        assertThatThrownBy(() -> vector.step(List.of(0, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("2 actions for 3 environments");
    }

    @Test
    void environmentsThatDoNotMakeAVectorAreRefused() {
        assertThatThrownBy(() -> new SyncVectorEnvironment<Integer>(List.of(), AutoresetMode.SAME_STEP))
                .hasMessage("a vector needs at least one environment");
        CartPole one = new CartPole();
        assertThatThrownBy(() -> new SyncVectorEnvironment<>(() -> one, 2, AutoresetMode.SAME_STEP))
                .hasMessage("environment 1 is in the vector twice: each must be a new one");
        List<Environment<Integer>> different = List.of(new Acrobot(), new MountainCar());
        assertThatThrownBy(() -> new SyncVectorEnvironment<>(different, AutoresetMode.SAME_STEP))
                .hasMessageStartingWith(
                        "environment 1 has spaces Box([-1.2, -0.07], [0.6, 0.07], (2,), float32) and Discrete(3)");
    }

    @Test
    void allAreClosedEvenIfOneFailsTo() {
        List<String> closed = new ArrayList<>();
        List<Environment<Integer>> environments = new ArrayList<>();
        for (String name : List.of("a", "b")) {
            environments.add(new Wrapper<>() {
                private final CartPole inner = new CartPole();

                @Override
                public Environment<Integer> inner() {
                    return inner;
                }

                @Override
                public Reset reset(@Nullable Long seed, Map<String, Object> options) {
                    return inner.reset(seed, options);
                }

                @Override
                public void close() {
                    closed.add(name);
                    throw new IllegalStateException(name);
                }
            });
        }
        VectorEnvironment<Integer> vector = new SyncVectorEnvironment<>(environments, AutoresetMode.SAME_STEP);
        assertThatThrownBy(vector::close)
                .hasMessage("a")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(closed).containsExactly("a", "b");
    }

    @Test
    void whatWasMadeIsClosedWhenTheNextCannotBe() {
        List<String> events = new ArrayList<>();
        assertThatThrownBy(() -> new SyncVectorEnvironment<Integer>(
                        () -> {
                            if (events.size() == 2) {
                                throw new IllegalStateException("no third");
                            }
                            events.add("made");
                            return new Wrapper<Integer>() {
                                private final CartPole inner = new CartPole();

                                @Override
                                public Environment<Integer> inner() {
                                    return inner;
                                }

                                @Override
                                public void close() {
                                    events.add("closed");
                                }
                            };
                        },
                        3,
                        AutoresetMode.SAME_STEP))
                .hasMessage("no third");
        assertThat(events).containsExactly("made", "made", "closed", "closed");
    }

    private static VectorEnvironment<Integer> vector(AutoresetMode mode) {
        return new SyncVectorEnvironment<>(() -> new TimeLimit<>(new CartPole(), 2), 3, mode);
    }
}
