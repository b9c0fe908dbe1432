package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Property;

class GaeTest {
    /** Three tokens with a score at the end: rewards are -0.05 (log pi - log pi_ref), and 2 more on the last. */
    private static Rollout threeTokens() {
        return new Rollout(
                new float[][] {{-1, -2, -0.5f}},
                new float[][] {{0.1f, 0.3f, 0.5f}},
                new float[][] {{-0.01f, 0.025f, 1.995f}},
                new float[][] {{1, 1, 0}},
                new boolean[][] {{true, true, true}});
    }

    @Test
    void advantagesAndReturnsAreThoseOfTrl() {
        Experience experience = Gae.estimate(threeTokens(), 0.95);
        assertClose(experience.advantages()[0], new double[] {1.7529875, 1.64525, 1.495}, 1e-6, 0);
        assertClose(experience.returns()[0], new double[] {1.8529875, 1.94525, 1.995}, 1e-6, 0);
    }

    @Test
    void advantagesAndReturnsAreThoseOfStableBaselines() {
        JsonNode golden = Golden.json("ppo/gae");
        float gamma = golden.get("gamma").floatValue();
        for (JsonNode row : Golden.cases("ppo/gae", "rows")) {
            float[] rewards = Golden.floats(row.get("rewards"));
            float[] next = Golden.floats(row.get("next_values"));
            float[] discounts = new float[rewards.length];
            boolean[] mask = new boolean[rewards.length];
            Arrays.fill(mask, true);
            for (int t = 0; t < rewards.length; t++) {
                boolean terminated = row.get("terminated").get(t).booleanValue();
                boolean goesOn =
                        t + 1 < rewards.length && !row.get("truncated").get(t).booleanValue();
                discounts[t] = goesOn && !terminated ? gamma : 0;
                rewards[t] += goesOn || terminated ? 0 : gamma * next[t];
            }
            Experience experience = Gae.estimate(
                    new Rollout(
                            new float[][] {new float[rewards.length]},
                            new float[][] {Golden.floats(row.get("values"))},
                            new float[][] {rewards},
                            new float[][] {discounts},
                            new boolean[][] {mask}),
                    golden.get("gae_lambda").doubleValue());
            assertClose(experience.advantages()[0], Golden.doubles(row.get("advantages")), 1e-6, 1e-6);
            assertClose(experience.returns()[0], Golden.doubles(row.get("returns")), 1e-6, 1e-6);
        }
    }

    @Test
    void whatWasKnownBeforeIsHandedOn() {
        Rollout rollout = threeTokens();
        Experience experience = Gae.estimate(rollout, 0.95);
        assertThat(experience.logProbs()).isEqualTo(rollout.logProbs());
        assertThat(experience.values()).isEqualTo(rollout.values());
        assertThat(experience.mask()).isEqualTo(rollout.mask());
    }

    @Test
    void anEndInTheMiddleOfARowCutsTheSum() {
        // gamma 0.5, lambda 0.5; the episode ends after the second step. From behind:
        // A3 = 4 + 0 - 1 = 3, A2 = 2 - 3 = -1, A1 = 1 + 0.5 * 3 - 2 + 0.25 * (-1) = 0.25
        Rollout rollout = new Rollout(
                new float[][] {{0, 0, 0}},
                new float[][] {{2, 3, 1}},
                new float[][] {{1, 2, 4}},
                new float[][] {{0.5f, 0, 0}},
                new boolean[][] {{true, true, true}});
        Experience experience = Gae.estimate(rollout, 0.5);
        assertThat(experience.advantages()[0]).containsExactly(0.25f, -1, 3);
        assertThat(experience.returns()[0]).containsExactly(2.25f, 2, 4);
    }

    @Test
    void withLambdaOneTheAdvantageIsTheReturnMinusTheValue() {
        Property.forAll(GaeTest::stretches, stretches -> {
            Experience experience = Gae.estimate(stretches.rollout(), 1);
            for (int b = 0; b < stretches.rollout().rows(); b++) {
                double[] expected = stretches.returns(b);
                assertClose(experience.returns()[b], expected, 1e-5, 1e-5);
                for (int t = 0; t < expected.length; t++) {
                    expected[t] -= stretches.rollout().values()[b][t];
                }
                assertClose(experience.advantages()[b], expected, 1e-5, 1e-5);
            }
        });
    }

    @Test
    void withLambdaZeroTheAdvantageIsTheErrorOfOneStep() {
        Property.forAll(GaeTest::stretches, stretches -> {
            Rollout rollout = stretches.rollout();
            Experience experience = Gae.estimate(rollout, 0);
            for (int b = 0; b < rollout.rows(); b++) {
                for (int t = 0; t < rollout.width(); t++) {
                    float discount = rollout.discounts()[b][t];
                    double next = discount == 0 ? 0 : discount * rollout.values()[b][t + 1];
                    assertThat((double) experience.advantages()[b][t])
                            .isCloseTo(rollout.rewards()[b][t] + next - rollout.values()[b][t], within(1e-6));
                }
            }
        });
    }

    @Test
    void discountsAreTheFlagsOfEndsOfOtherImplementations() {
        Property.forAll(GaeTest::stretches, stretches -> {
            Experience experience = Gae.estimate(stretches.rollout(), stretches.lambda());
            for (int b = 0; b < stretches.rollout().rows(); b++) {
                assertClose(experience.advantages()[b], stretches.byFlags(b), 1e-5, 1e-5);
            }
        });
    }

    @Test
    void paddingChangesNothingWhateverIsInIt() {
        Property.forAll(GaeTest::stretches, stretches -> {
            Experience bare = Gae.estimate(stretches.rollout(), stretches.lambda());
            Experience padded = Gae.estimate(padded(stretches.rollout()), stretches.lambda());
            int width = stretches.rollout().width();
            for (int b = 0; b < stretches.rollout().rows(); b++) {
                assertThat(Arrays.copyOfRange(padded.advantages()[b], 1, 1 + width))
                        .containsExactly(bare.advantages()[b]);
                assertThat(Arrays.copyOfRange(padded.returns()[b], 1, 1 + width))
                        .containsExactly(bare.returns()[b]);
                for (int at : new int[] {0, 1 + width, 2 + width}) {
                    assertThat(padded.advantages()[b][at]).isZero();
                    assertThat(padded.returns()[b][at]).isZero();
                }
            }
        });
    }

    @Test
    void sumsBeyondTheRangeOfFloatsAreRefused() {
        float most = Float.MAX_VALUE;
        Rollout rollout = new Rollout(
                new float[][] {{0, 0}},
                new float[][] {{0, 0}},
                new float[][] {{most, most}},
                new float[][] {{1, 0}},
                new boolean[][] {{true, true}});
        assertThatThrownBy(() -> Gae.estimate(rollout, 1)).hasMessage("advantages is Infinity at row 0, step 0");
    }

    @Test
    void aLambdaOutOfRangeIsRefused() {
        for (double lambda : new double[] {-0.01, 1.01, Double.NaN}) {
            assertThatThrownBy(() -> Gae.estimate(threeTokens(), lambda))
                    .hasMessage("gaeLambda is " + lambda + ", must be between 0.0 and 1.0");
        }
    }

    /**
     * Stretches of environments' time with ends of episodes, as other implementations keep them.
     *
     * @param rewards without what is still to come, {@code [B][T]}
     * @param ends whether an episode ended with this step, {@code [B][T]}
     * @param cut whether that was a time limit
     * @param atCut the critic's estimate of the final observation, of the one after the stretch in the last step
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Stretches(
            float gamma,
            double lambda,
            float[][] values,
            float[][] rewards,
            boolean[][] ends,
            boolean[][] cut,
            float[][] atCut) {

        Rollout rollout() {
            int rows = values.length;
            int width = values[0].length;
            float[][] whole = new float[rows][width];
            float[][] discounts = new float[rows][width];
            boolean[][] mask = new boolean[rows][width];
            for (int b = 0; b < rows; b++) {
                for (int t = 0; t < width; t++) {
                    boolean last = t == width - 1;
                    boolean bootstraps = ends[b][t] ? cut[b][t] : last;
                    whole[b][t] = rewards[b][t] + (bootstraps ? gamma * atCut[b][t] : 0);
                    discounts[b][t] = ends[b][t] || last ? 0 : gamma;
                    mask[b][t] = true;
                }
            }
            return new Rollout(new float[rows][width], values, whole, discounts, mask);
        }

        /** The sum of discounted rewards of each step until the end of its episode or stretch. */
        double[] returns(int b) {
            Rollout rollout = rollout();
            double[] returns = new double[rollout.width()];
            for (int t = returns.length - 1; t >= 0; t--) {
                double later = t + 1 < returns.length ? returns[t + 1] : 0;
                returns[t] = rollout.rewards()[b][t] + rollout.discounts()[b][t] * later;
            }
            return returns;
        }

        /** The advantages of a row as SB3 and CleanRL compute them, from flags of ends and a last value. */
        double[] byFlags(int b) {
            int width = values[b].length;
            double[] advantages = new double[width];
            double advantage = 0;
            for (int t = width - 1; t >= 0; t--) {
                double goesOn = ends[b][t] ? 0 : 1;
                double next = t == width - 1 ? atCut[b][t] : values[b][t + 1];
                double reward = rewards[b][t] + (ends[b][t] && cut[b][t] ? gamma * atCut[b][t] : 0);
                double delta = reward + gamma * next * goesOn - values[b][t];
                advantage = delta + gamma * lambda * goesOn * advantage;
                advantages[t] = advantage;
            }
            return advantages;
        }
    }

    private static Stretches stretches(Draws draws) {
        int rows = draws.between(1, 3);
        int width = draws.between(1, 6);
        float[][] values = new float[rows][];
        float[][] rewards = new float[rows][];
        float[][] atCut = new float[rows][];
        boolean[][] ends = new boolean[rows][width];
        boolean[][] cut = new boolean[rows][width];
        for (int b = 0; b < rows; b++) {
            values[b] = draws.floats(width, -2, 2);
            rewards[b] = draws.floats(width, -2, 2);
            atCut[b] = draws.floats(width, -2, 2);
            for (int t = 0; t < width; t++) {
                ends[b][t] = draws.choose(4) == 1;
                cut[b][t] = draws.flip();
            }
        }
        float gamma = (float) draws.between(0.0, 1.0);
        return new Stretches(gamma, draws.between(0.0, 1.0), values, rewards, ends, cut, atCut);
    }

    /** The same with a step of padding before and two after each row. */
    private static Rollout padded(Rollout rollout) {
        boolean[][] mask = new boolean[rollout.rows()][rollout.width() + 3];
        for (boolean[] row : mask) {
            Arrays.fill(row, 1, 1 + rollout.width(), true);
        }
        return new Rollout(
                padded(rollout.logProbs()),
                padded(rollout.values()),
                padded(rollout.rewards()),
                padded(rollout.discounts()),
                mask);
    }

    private static float[][] padded(float[][] rows) {
        float[][] padded = new float[rows.length][];
        for (int b = 0; b < rows.length; b++) {
            padded[b] = new float[rows[b].length + 3];
            Arrays.fill(padded[b], Float.NaN);
            System.arraycopy(rows[b], 0, padded[b], 1, rows[b].length);
            padded[b][1 + rows[b].length] = Float.POSITIVE_INFINITY;
        }
        return padded;
    }
}
