package org.rlhf4j.control.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Graphics2D;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.random.Generator;
import org.rlhf4j.control.render.Drawable;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;

class EnvironmentCheckerTest {
    @Test
    void aSupplierHasToMakeANewOneEachTime() {
        Walk one = new Walk();
        assertBroken(() -> one, "Walk-v0: the supplier returns the same environment twice; it has to make a new one");
    }

    @Test
    void aTimeLimitIsPositive() {
        assertBroken(
                () -> new Walk() {
                    @Override
                    public EnvironmentSpec spec() {
                        return new EnvironmentSpec("Walk-v0", 0, null);
                    }
                },
                "Walk-v0: maxEpisodeSteps must be positive, not 0");
    }

    @Test
    void spacesStayTheSame() {
        assertBroken(
                () -> new Walk() {
                    private int calls;

                    @Override
                    public Discrete actionSpace() {
                        return new Discrete(2 + calls++);
                    }
                },
                "Walk-v0: the spaces are others with each call");
    }

    @Test
    void theActionSpaceHasAGeneratorOfItsOwn() {
        assertBroken(
                () -> new Walk() {
                    @Override
                    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
                        if (seed != null) {
                            actions.seed(seed + 6);
                        }
                        return super.reset(seed, options);
                    }
                },
                "Walk-v0: reset(seed) seeds the action space; it has a generator of its own");
    }

    @Test
    void aSeedStartsTheGeneratorAnew() {
        assertBroken(
                () -> new Walk() {
                    @Override
                    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
                        return super.reset(null, options);
                    }
                },
                "Walk-v0: reset(123) twice gives different observations; start the generator anew when a seed is given");
    }

    @Test
    void whatFollowsASeedIsDeterminedByIt() {
        assertBroken(
                () -> new Walk() {
                    private int resets;

                    @Override
                    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
                        resets++;
                        Reset reset = super.reset(seed, options);
                        return seed == null ? new Reset(new float[] {resets}, Map.of()) : reset;
                    }
                },
                "Walk-v0: reset() after reset(123) gives different observations the second time;"
                        + " draw from the generator alone");
    }

    @Test
    void negativeSeedsAreRefused() {
        assertBroken(
                () -> new Walk() {
                    @Override
                    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
                        return super.reset(seed == null ? null : Long.valueOf(Math.abs(seed)), options);
                    }
                },
                "Walk-v0: reset(-1) is accepted; it has to throw IllegalArgumentException");
    }

    @Test
    void observationsAreInTheirSpace() {
        assertBroken(
                () -> new Walk() {
                    @Override
                    public Box observationSpace() {
                        return new Box(-100, 100, 2);
                    }
                },
                "Walk-v0: the observation of reset(123), [0.364");
        assertBroken(
                () -> stepping(step -> new Environment.Step(new float[] {101}, -1, false, false, Map.of())),
                "Walk-v0: the observation of step 1, [101.0], is not in Box(-100.0, 100.0, (1,), float32)");
    }

    @Test
    void rewardsAreNumbers() {
        assertBroken(
                () -> stepping(step -> new Environment.Step(step.observation(), Double.NaN, false, false, Map.of())),
                "Walk-v0: the reward of step 1 is NaN");
    }

    @Test
    void theFirstStepDoesNotTruncate() {
        assertBroken(
                () -> stepping(step -> new Environment.Step(step.observation(), -1, false, true, Map.of())),
                "Walk-v0: the first step truncates the episode");
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is tested
    void nothingIsNull() {
        assertBroken(() -> stepping(step -> null), "Walk-v0: step 1 returns null");
        assertBroken(
                () -> stepping(step -> new Environment.Step(step.observation(), -1, false, false, null)),
                "Walk-v0: the info of step 1 is null; Map.of() is an empty one");
    }

    @Test
    void theSameSeedAndActionsGiveTheSame() {
        Generator outside = new Generator(0);
        assertBroken(
                () -> stepping(
                        step -> new Environment.Step(step.observation(), outside.nextDouble(), false, false, Map.of())),
                "Walk-v0: the same seed and actions give another reward at step 1: ");
        assertBroken(
                () -> stepping(step -> new Environment.Step(
                        step.observation(), 0, false, false, Map.of("draw", new double[] {outside.nextDouble()}))),
                "Walk-v0: the same seed and actions give another info at step 1: ");
        int[] steps = new int[1];
        assertBroken(
                () -> stepping(step -> new Environment.Step(step.observation(), 0, steps[0]++ > 30, false, Map.of())),
                "Walk-v0: the same seed and actions give another flags at step ");
        assertBroken(
                () -> stepping(step ->
                        new Environment.Step(new float[] {(float) outside.nextDouble()}, 0, false, false, Map.of())),
                "Walk-v0: the same seed and actions give another observation at step 1: ");
    }

    @Test
    void infosWithEqualArraysAreEqual() {
        assertThat(EnvironmentChecker.check(() -> stepping(
                        step -> new Environment.Step(step.observation(), 0, false, false, Map.of("x", new int[] {1})))))
                .isEmpty();
    }

    @Test
    void anObservationIsNotWrittenToAgain() {
        float[] shared = new float[1];
        assertBroken(
                () -> stepping(step -> {
                    shared[0] = step.observation()[0];
                    return new Environment.Step(shared, -1, false, false, Map.of());
                }),
                "Walk-v0: step writes to an observation that was handed out before");
    }

    @Test
    void anObservationIsTheCallersToWriteTo() {
        assertBroken(
                () -> new Walk() {
                    private float[] state = new float[1];

                    @Override
                    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
                        state = super.reset(seed, options).observation();
                        return new Reset(state, Map.of());
                    }

                    @Override
                    public Step step(Integer action) {
                        super.step(action);
                        state = new float[] {Math.min(state[0] + action, 99)};
                        return new Step(state, -1, false, false, Map.of());
                    }
                },
                "Walk-v0: writing to an observation changes the observation at step 1: ");
    }

    @Test
    void environmentsHaveNoStateInCommon() {
        float[] common = new float[1];
        assertBroken(
                () -> new Walk() {
                    @Override
                    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
                        Reset reset = super.reset(seed, options);
                        common[0] = place;
                        return reset;
                    }

                    @Override
                    public Step step(Integer action) {
                        super.step(action);
                        common[0] += action;
                        return new Step(common.clone(), -1, false, false, Map.of());
                    }
                },
                "Walk-v0: another environment beside it changes the observation at step 1: ");
    }

    @Test
    void actionsWithoutMeaningAreRefused() {
        assertBroken(
                () -> new Walk() {
                    @Override
                    public Step step(Integer action) {
                        return super.step(Math.min(action, 1));
                    }
                },
                "Walk-v0: step(2), which is not in Discrete(2), is accepted; it has to throw IllegalArgumentException");
        assertBroken(
                () -> new Walk() {
                    @Override
                    public Step step(Integer action) {
                        return super.step(new int[] {0, 1}[action]);
                    }
                },
                "Walk-v0: step(2), which is not in Discrete(2), throws ArrayIndexOutOfBoundsException;"
                        + " it has to throw IllegalArgumentException");
        assertBroken(
                () -> new Torque(true),
                "Torque-v0: step with 2 elements, which is not in Box(-1.0, 1.0, (1,), float32),"
                        + " is accepted; it has to throw IllegalArgumentException");
        assertBroken(
                () -> new Torque(false),
                "Torque-v0: step with NaN is accepted; it has to throw IllegalArgumentException");
    }

    @Test
    void closingTwiceIsHarmless() {
        assertBroken(
                () -> new Walk() {
                    private boolean closed;

                    @Override
                    public void close() {
                        if (closed) {
                            throw new IllegalStateException("closed");
                        }
                        closed = true;
                    }
                },
                "Walk-v0: closing twice throws java.lang.IllegalStateException: closed");
    }

    @Test
    void whatCanBeDrawnIsDrawn() {
        assertBroken(
                () -> new Picture() {
                    @Override
                    public void draw(Graphics2D graphics, int width, int height) {
                        throw new IllegalStateException("no ink");
                    }
                },
                "Walk-v0: draw throws java.lang.IllegalStateException: no ink");
        assertBroken(
                () -> new Picture() {
                    @Override
                    public int framesPerSecond() {
                        return 0;
                    }
                },
                "Walk-v0: framesPerSecond must be positive, not 0");
        assertBroken(Picture::new, "Walk-v0: draw leaves the background empty; fill the picture first");
    }

    private static Walk stepping(Function<Environment.Step, Environment.@Nullable Step> change) {
        return new Walk() {
            @Override
            @SuppressWarnings("NullAway") // null is what is tested
            public Step step(Integer action) {
                return change.apply(super.step(action));
            }
        };
    }

    private static <A> void assertBroken(Supplier<? extends Environment<A>> maker, String beginning) {
        assertThatThrownBy(() -> EnvironmentChecker.check(maker))
                .isInstanceOf(EnvironmentCheckException.class)
                .hasMessageStartingWith(beginning);
    }

    /** A walk whose picture stays empty. */
    private static class Picture extends Walk implements Drawable {
        @Override
        public void draw(Graphics2D graphics, int width, int height) {}
    }

    /** Checks either nothing about an action or only its size. */
    private static final class Torque implements Environment<float[]> {
        private final boolean anySize;
        private final Box box = new Box(-1, 1, 1);
        private final Walk walk = new Walk();

        Torque(boolean anySize) {
            this.anySize = anySize;
        }

        @Override
        public EnvironmentSpec spec() {
            return new EnvironmentSpec("Torque-v0", null, null);
        }

        @Override
        public Box observationSpace() {
            return walk.observationSpace();
        }

        @Override
        public Box actionSpace() {
            return box;
        }

        @Override
        public Reset reset(@Nullable Long seed, Map<String, Object> options) {
            return walk.reset(seed, options);
        }

        @Override
        public Step step(float[] action) {
            if (!anySize && action.length != 1) {
                throw new IllegalArgumentException("size");
            }
            return walk.step(action[0] > 0 ? 1 : 0);
        }
    }
}
