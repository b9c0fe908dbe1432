package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.core.optim.AdamW;
import org.rlhf4j.core.optim.GradientStep;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.PaddedBatch;
import org.rlhf4j.lm.ScalarHead;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.ppo.ActorCritic;
import org.rlhf4j.ppo.Complete;

class TextActorCriticTest {
    /** Prompts and completions of unequal lengths. */
    private static final List<EncodedExample> ROWS = List.of(
            row(2, 0, 3, 5, 4, 4, 1),
            row(5, 0, 10, 9, 8, 7, 3),
            row(1, 0, 6, 6, 7, 8, 9, 10, 1),
            row(3, 0, 4, 3, 9, 1));

    @TempDir
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private LanguageModel policy;

    private final List<Critic> critics = new ArrayList<>();

    @BeforeEach
    void open() {
        policy = TinyText.open(folder, 1);
    }

    @AfterEach
    void close() {
        critics.forEach(Critic::close);
        policy.close();
    }

    private static EncodedExample row(int promptLength, int... ids) {
        return new EncodedExample(ids, promptLength);
    }

    /** A critic that says something: a reward model, or a head on the policy with weights that are not 0. */
    private Critic critic(boolean ownNetwork) {
        Critic critic = ownNetwork ? Critic.open(TinyText.rewardModel(folder, 2), policy) : Critic.onPolicy(policy);
        critics.add(critic);
        if (!ownNetwork) {
            set(critic.parameters(), ScalarHead.WEIGHT, new float[] {0.3f, -0.2f, 0.5f, 0.1f, -0.4f, 0.2f, 0.6f, -0.1f
            });
        }
        return critic;
    }

    private static void set(Parameters weights, String name, float[] values) {
        Torch.run(() -> Scope.run(() -> {
            NDArray target = weights.get(name);
            HostCopy.create(Torch.manager(), target.getShape(), values).copyTo(target);
        }));
    }

    private TextActorCritic actorCritic(Critic critic, double temperature) {
        return new TextActorCritic(policy, critic, temperature, 1, 0);
    }

    /** Log-probabilities, entropies and values, each {@code [rows][T]}. */
    private static float[][][] evaluate(TextActorCritic actorCritic, List<EncodedExample> examples, int... rows) {
        float[][][] said = new float[3][][];
        Torch.run(() -> Tape.evaluate(tape -> {
            TextActorCritic.Completions completions = TextActorCritic.Completions.of(examples);
            Complete now = Complete.of(actorCritic.evaluate(completions, rows, tape));
            assertThat(now.logProbs().getShape()).isEqualTo(new Shape(rows.length, completions.width()));
            said[0] = split(now.logProbs(), rows.length);
            said[1] = split(now.entropy(), rows.length);
            said[2] = split(now.values(), rows.length);
            return now.values().sum();
        }));
        return said;
    }

    private static float[][] split(NDArray array, int rows) {
        float[] flat = HostCopy.toFloats(array);
        float[][] split = new float[rows][];
        Arrays.setAll(split, row -> Arrays.copyOfRange(flat, row * flat.length / rows, (row + 1) * flat.length / rows));
        return split;
    }

    private static int[] all(List<EncodedExample> rows) {
        return IntStream.range(0, rows.size()).toArray();
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 0.7})
    void itSaysWhatTheModelSaysAtThisTemperature(double temperature) {
        float[][][] said = evaluate(actorCritic(critic(true), temperature), ROWS, all(ROWS));
        float[][] logProbs = policy.logProbs(ROWS, temperature);
        float[][][] logits = policy.logits(PaddedBatch.of(ROWS));
        for (int row = 0; row < ROWS.size(); row++) {
            int prompt = ROWS.get(row).length() - logProbs[row].length;
            for (int t = 0; t < logProbs[row].length; t++) {
                assertThat(said[0][row][t]).isCloseTo(logProbs[row][t], within(1e-6f));
                double[] probabilities = softmax(logits[row][prompt + t - 1], temperature);
                double target = probabilities[ROWS.get(row).ids()[prompt + t]];
                assertThat((double) said[0][row][t]).isCloseTo(Math.log(target), within(1e-5));
                double entropy =
                        -Arrays.stream(probabilities).map(p -> p * Math.log(p)).sum();
                assertThat((double) said[1][row][t]).isCloseTo(entropy, within(1e-5));
            }
        }
    }

    private static double[] softmax(float[] logits, double temperature) {
        double[] exp = IntStream.range(0, logits.length)
                .mapToDouble(i -> Math.exp(logits[i] / temperature))
                .toArray();
        double sum = Arrays.stream(exp).sum();
        return Arrays.stream(exp).map(e -> e / sum).toArray();
    }

    /** A critic sees what stands before a token: the value of token t is that of the sequence that ends before it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void valuesAreThoseOfTheStatesBeforeEachToken(boolean ownNetwork) {
        TextActorCritic actorCritic = actorCritic(critic(ownNetwork), 1);
        float[][] values = actorCritic.values(ROWS);
        float[][][] said = evaluate(actorCritic, ROWS, all(ROWS));
        for (int row = 0; row < ROWS.size(); row++) {
            assertThat(values[row]).hasSize(ROWS.get(row).completionLength());
            assertThat(Arrays.copyOf(said[2][row], values[row].length)).containsExactly(values[row], within(1e-6f));
            int prompt = ROWS.get(row).length() - values[row].length;
            for (int t = 0; t < values[row].length; t++) {
                int[] beginning = Arrays.copyOf(ROWS.get(row).ids(), prompt + t + 1);
                // Another token there changes nothing.
                beginning[prompt + t] = 2 + (beginning[prompt + t] + 1) % 8;
                float[] alone = actorCritic.values(List.of(new EncodedExample(beginning, prompt + t)))[0];
                assertThat(alone[0]).isCloseTo(values[row][t], within(1e-5f));
            }
        }
        assertThat(values[0][0]).isNotCloseTo(values[1][0], within(1e-3f));
    }

    /** A critic from a reward model begins with its scores: the state of the last token but one gives the score of the text up to there. */
    @Test
    void aCriticFromARewardModelSaysWhatItScores() {
        Critic critic = critic(true);
        Critic.OwnNetwork network = (Critic.OwnNetwork) critic;
        PaddedBatch text = PaddedBatch.of(List.of(row(1, 0, 6, 6, 7)));
        float score = Torch.call(() -> Scope.call(
                () -> HostCopy.toFloats(network.head().scores(network.decoder().hidden(text), text))[0]));
        float[] values = actorCritic(critic, 1).values(List.of(row(4, 0, 6, 6, 7, 8)))[0];
        assertThat(values[0]).isCloseTo(score, within(1e-6f));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void neitherNeighboursNorPaddingNorOrderChangeARow(boolean ownNetwork) {
        TextActorCritic actorCritic = actorCritic(critic(ownNetwork), 0.7);
        float[][][] together = evaluate(actorCritic, ROWS, all(ROWS));
        float[][][] shuffled = evaluate(actorCritic, ROWS, 2, 0);
        for (int figure = 0; figure < 3; figure++) {
            for (int row = 0; row < ROWS.size(); row++) {
                float[] alone = evaluate(actorCritic, List.of(ROWS.get(row)), 0)[figure][0];
                assertClose(Arrays.copyOf(together[figure][row], alone.length), alone, 1e-5, 0);
                assertThat(alone).hasSize(ROWS.get(row).completionLength());
                if (row % 2 == 0) {
                    float[] moved = shuffled[figure][row == 2 ? 0 : 1];
                    assertClose(Arrays.copyOf(moved, alone.length), alone, 1e-5, 0);
                }
            }
        }
        // What stands at padding means nothing, but is finite.
        assertThat(together[0][1][6]).isFinite();
    }

    /** A head on the policy needs its states, so there is one pass; a network of its own has a pass of its own. */
    @Test
    void passesSayTogetherWhatTheWholeSays() {
        assertThat(actorCritic(critic(false), 1).passes()).hasSize(1);
        TextActorCritic actorCritic = actorCritic(critic(true), 0.7);
        float[][][] whole = evaluate(actorCritic, ROWS, all(ROWS));
        assertThat(actorCritic.passes()).hasSize(2);
        Torch.run(() -> Tape.evaluate(tape -> {
            TextActorCritic.Completions completions = TextActorCritic.Completions.of(ROWS);
            ActorCritic.Evaluation policyPass = actorCritic.passes().get(0).evaluate(completions, all(ROWS), tape);
            ActorCritic.Evaluation criticPass = actorCritic.passes().get(1).evaluate(completions, all(ROWS), tape);
            assertThat(policyPass.values()).isNull();
            assertThat(criticPass.logProbs()).isNull();
            assertThat(criticPass.entropy()).isNull();
            NDArray values = Objects.requireNonNull(criticPass.values());
            assertThat(split(Objects.requireNonNull(policyPass.logProbs()), ROWS.size()))
                    .isDeepEqualTo(whole[0]);
            assertThat(split(Objects.requireNonNull(policyPass.entropy()), ROWS.size()))
                    .isDeepEqualTo(whole[1]);
            assertThat(split(values, ROWS.size())).isDeepEqualTo(whole[2]);
            return values.sum();
        }));
    }

    /** A loss of fixed, all different weights for log-probabilities, entropies and values of the real tokens. */
    private static NDArray loss(TextActorCritic actorCritic, Tape tape) {
        TextActorCritic.Completions completions = TextActorCritic.Completions.of(ROWS);
        Complete now = Complete.of(actorCritic.evaluate(completions, all(ROWS), tape));
        int n = ROWS.size() * completions.width();
        NDArray sum = Torch.manager().create(0f);
        int figure = 0;
        for (NDArray said : List.of(now.logProbs(), now.entropy(), now.values())) {
            float[] factors = new float[n];
            for (int i = 0; i < n; i++) {
                boolean real = i % completions.width()
                        < ROWS.get(i / completions.width()).completionLength();
                factors[i] = real ? (float) Math.cos(1 + 0.7 * i + figure) : 0;
            }
            sum = sum.add(said.mul(HostCopy.create(Torch.manager(), said.getShape(), factors))
                    .sum());
            figure++;
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void gradientsAreThoseOfFiniteDifferencesInPolicyAndCritic(boolean ownNetwork) {
        Critic critic = critic(ownNetwork);
        TextActorCritic actorCritic = actorCritic(critic, 0.7);
        for (Parameters part : List.of(policy.parameters(), critic.parameters())) {
            Torch.run(() -> part.setAllTrainable(true));
        }
        AdamW.Settings shows = new AdamW.Settings(0, 0.999, 1e-8, 0);
        try (AdamW policyAdam = new AdamW(policy.parameters(), shows);
                AdamW criticAdam = new AdamW(critic.parameters(), shows)) {
            GradientStep step = new GradientStep(List.of(
                    new GradientStep.Part("policy", policy.parameters(), policyAdam, Double.POSITIVE_INFINITY, 0),
                    new GradientStep.Part("critic", critic.parameters(), criticAdam, Double.POSITIVE_INFINITY, 0)));
            step.accumulate(all(ROWS), 1, tape -> loss(actorCritic, tape));
            // With a rate of 0 the weights stay, and the first moment is the gradient.
            step.update(1);
            assertSlopes(actorCritic, policy.parameters(), gradients(policyAdam));
            assertSlopes(actorCritic, critic.parameters(), gradients(criticAdam));
        }
    }

    private static Map<String, float[]> gradients(AdamW adam) {
        Map<String, float[]> moments = new LinkedHashMap<>();
        Torch.run(() -> adam.arrays().forEach((name, moment) -> moments.put(name, HostCopy.toFloats(moment))));
        return moments;
    }

    private static void assertSlopes(TextActorCritic actorCritic, Parameters weights, Map<String, float[]> gradients) {
        Torch.run(() -> weights.setAllTrainable(false));
        Map<String, float[]> values = TinyText.copy(weights);
        double largest = 0;
        for (String name : weights.names()) {
            float[] gradient = Objects.requireNonNull(gradients.get(name + ".exp_avg"));
            float[] start = Objects.requireNonNull(values.get(name));
            // The entry with the largest slope, where an error shows, and one more.
            int steepest = IntStream.range(0, gradient.length)
                    .reduce(0, (a, b) -> Math.abs(gradient[a]) >= Math.abs(gradient[b]) ? a : b);
            for (int at : new int[] {steepest, gradient.length / 2}) {
                double up = moved(actorCritic, weights, name, start, at, 1e-2f);
                double down = moved(actorCritic, weights, name, start, at, -1e-2f);
                double slope = (up - down) / ((start[at] + 1e-2f) - (double) (start[at] - 1e-2f));
                assertThat((double) gradient[at])
                        .as("%s at %d", name, at)
                        .isCloseTo(slope, within(0.01 * Math.max(0.2, Math.abs(slope))));
                largest = Math.max(largest, Math.abs(slope));
            }
            set(weights, name, start);
        }
        assertThat(largest).isGreaterThan(0.1);
    }

    private static double moved(
            TextActorCritic actorCritic, Parameters weights, String name, float[] start, int at, float by) {
        float[] other = start.clone();
        other[at] += by;
        set(weights, name, other);
        return Torch.call(() -> Tape.evaluate(tape -> loss(actorCritic, tape)));
    }

    /** The value loss alone reaches the policy through the head on it, and does not through a network of its own. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theValueTeachesThePolicyOnlyWhereItReadsIt(boolean ownNetwork) {
        Critic critic = critic(ownNetwork);
        assertThat(critic.readsPolicy()).isEqualTo(!ownNetwork);
        TextActorCritic actorCritic = actorCritic(critic, 1);
        for (Parameters part : List.of(policy.parameters(), critic.parameters())) {
            Torch.run(() -> part.setAllTrainable(true));
        }
        AdamW.Settings settings = AdamW.Settings.DEFAULT;
        try (AdamW policyAdam = new AdamW(policy.parameters(), settings);
                AdamW criticAdam = new AdamW(critic.parameters(), settings)) {
            GradientStep step = new GradientStep(List.of(
                    new GradientStep.Part("policy", policy.parameters(), policyAdam, 1, 1),
                    new GradientStep.Part("critic", critic.parameters(), criticAdam, 1, 1)));
            step.accumulate(all(ROWS), 1, tape -> {
                Complete now = Complete.of(actorCritic.evaluate(TextActorCritic.Completions.of(ROWS), all(ROWS), tape));
                return now.logProbs().mul(0f).sum().add(now.values().sum());
            });
            List<Double> norms = step.update(1e-3).partNorms();
            assertThat(norms.get(1)).isPositive();
            if (ownNetwork) {
                assertThat(norms.get(0)).isZero();
            } else {
                assertThat(norms.get(0)).isPositive();
            }
        }
    }

    @Test
    void thePolicyWaitsForTheCriticAndTheCriticHasItsRate() {
        Critic critic = critic(true);
        assertThat(new TextActorCritic(policy, critic, 1, 4, 3).networks())
                .containsExactly(
                        new ActorCritic.Network("policy", policy.parameters(), 1, 3),
                        new ActorCritic.Network("critic", critic.parameters(), 4, 0));
    }
}
