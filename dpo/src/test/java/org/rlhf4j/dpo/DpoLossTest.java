package org.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.core.config.ConfigException;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.testing.Property;

class DpoLossTest {
    private static final DpoLoss SIGMOID = DpoLoss.DEFAULT;

    @ParameterizedTest
    @ValueSource(strings = {"sigmoid", "conservative", "robust", "hinge", "ipo", "ipo-sum"})
    void exchangingThePairIsTheSameAsTheOppositeLabel(String name) {
        DpoLoss loss = new DpoLoss(DpoObjectiveTest.named(name, 0.2), 0.3, 0.5);
        Property.forAll(
                30,
                draws -> new double[] {
                    draws.between(-9.0, 0.0),
                    draws.between(-9.0, 0.0),
                    draws.between(0.0, 1.0),
                    draws.between(-9.0, 0.0)
                },
                x -> assertThat(one(loss, x[0], x[1], x[3], x[2]))
                        .isCloseTo(swapped(loss, x[0], x[1], x[3], 1 - x[2]), within(1e-12)));
    }

    @Test
    void aTieCostsTheMeanOfBothOrders() {
        // beta (c - r) = 0.8: (log(1 + e^-0.8) + log(1 + e^0.8)) / 2 = (0.371101 + 1.171101) / 2
        assertThat(one(SIGMOID, 3, -5, 0, 0.5)).isCloseTo(0.771101, within(1e-6));
        // hinge: (0.2 + 1.8) / 2
        assertThat(one(new DpoLoss(new DpoObjective.Hinge(), 0.1, 0), 3, -5, 0, 0.5))
                .isCloseTo(1, within(1e-12));
    }

    @Test
    void labelSmoothingIsASoftTarget() {
        // 0.8 sure and 10 % flipped: 0.8 * 0.9 + 0.2 * 0.1 = 0.74
        assertThat(one(new DpoLoss(new DpoObjective.Conservative(0.1), 0.1, 0), 3, -5, 0, 0.8))
                .isCloseTo(one(SIGMOID, 3, -5, 0, 0.74), within(1e-12));
        assertThat(one(new DpoLoss(new DpoObjective.Conservative(0.1), 0.1, 0), 3, -5, 0, 1))
                .isCloseTo(one(SIGMOID, 3, -5, 0, 0.9), within(1e-12));
    }

    @Test
    void robustIsUnbiasedUnderTheNoiseThatItAssumes() {
        DpoLoss robust = new DpoLoss(new DpoObjective.Robust(0.3), 0.1, 0);
        assertThat(one(robust, 3, -5, 0, 0.7)).isCloseTo(one(SIGMOID, 3, -5, 0, 1), within(1e-12));
    }

    @Test
    void likelihoodOfTheBetterCompletionIsAMeanOverItsTokens() {
        // Reference -20 of 10 tokens: the chosen completion has -17, 1.7 nats a token; the rejected -40 of 20 tokens,
        // -5: 2.25.
        DpoLoss loss = new DpoLoss(new DpoObjective.Sigmoid(), 0.1, 0.5);
        double plain = one(SIGMOID, 3, -5, 0, 1);
        assertThat(one(loss, 3, -5, 0, 1)).isCloseTo(plain + 0.5 * 1.7, within(1e-12));
        assertThat(one(loss, 3, -5, 0, 0)).isCloseTo(one(SIGMOID, 3, -5, 0, 0) + 0.5 * 2.25, within(1e-12));
    }

    @Test
    void settingsReadAsTheyAreWritten() {
        DpoLoss conservative = new DpoLoss(new DpoObjective.Conservative(0.1), 0.2, 1);
        assertThat(ConfigReader.toYaml(conservative)).isEqualTo("""
                objective:
                  type: conservative
                  labelSmoothing: 0.1
                beta: 0.2
                nllCoef: 1.0
                """);
        assertThat(ConfigReader.of(conservative).read()).isEqualTo(conservative);
        assertThat(ConfigReader.of(conservative)
                        .overrides(List.of("objective.type=ipo-sum"))
                        .read()
                        .objective())
                .isEqualTo(new DpoObjective.IpoSum());
    }

    @Test
    void aSettingThatTheObjectiveWouldIgnoreIsRefused() {
        assertThatThrownBy(() -> ConfigReader.of(SIGMOID)
                        .overrides(List.of("objective.type=hinge", "objective.labelSmoothing=0.1"))
                        .read())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("unknown key \"objective.labelSmoothing\"");
        assertThatThrownBy(() -> ConfigReader.of(SIGMOID)
                        .overrides(List.of("objective=conservative"))
                        .read())
                .hasMessageContaining("objective.labelSmoothing is required");
        assertThatThrownBy(() -> ConfigReader.of(SIGMOID)
                        .overrides(List.of("objective=simpo"))
                        .read())
                .hasMessageContaining("ipo-sum");
        assertThatThrownBy(() ->
                        ConfigReader.of(SIGMOID).overrides(List.of("beta=0")).read())
                .hasMessageContaining("beta is 0.0, must be positive");
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> one(SIGMOID, 0, 0, 0, 1.5)).hasMessageContaining("probability of pair 0 is 1.5");
        assertThatThrownBy(() -> Torch.run(() -> Scope.run(() -> SIGMOID.perPair(
                        DpoObjectiveTest.sequences(new double[2], new double[2], 1, 1),
                        DpoObjectiveTest.sequences(new double[2], new double[2], 1, 1),
                        new double[] {1}))))
                .hasMessageContaining("1 probabilities for 2 pairs");
        assertThatThrownBy(() -> Torch.run(
                        () -> Scope.run(() -> DpoObjectiveTest.sequences(new double[2], new double[3], 1, 1))))
                .hasMessageContaining("(2), (3) and (2)");
        assertThatThrownBy(() -> Torch.run(() -> Scope.run(() -> {
                    NDArray narrow = Torch.manager().create(new float[] {1});
                    new SequenceLogProbs(narrow, narrow, narrow);
                })))
                .hasMessageContaining("FLOAT64, not float32");
    }

    private static double swapped(DpoLoss loss, double c, double r, double shift, double probability) {
        return evaluate(loss, -40 + r + shift, -40, 20, -20 + c + shift, -20, 10, probability);
    }

    /** The loss of one pair with log-ratios c and r, both completions likelier by another {@code shift}. */
    private static double one(DpoLoss loss, double c, double r, double shift, double probability) {
        return evaluate(loss, -20 + c + shift, -20, 10, -40 + r + shift, -40, 20, probability);
    }

    @SuppressWarnings("checkstyle:ParameterNumber") // two completions of three numbers
    private static double evaluate(
            DpoLoss loss,
            double chosen,
            double chosenReference,
            double chosenTokens,
            double rejected,
            double rejectedReference,
            double rejectedTokens,
            double probability) {
        return Torch.call(() -> Scope.call(() -> loss.perPair(
                        DpoObjectiveTest.sequences(new double[] {chosen}, new double[] {chosenReference}, chosenTokens),
                        DpoObjectiveTest.sequences(
                                new double[] {rejected}, new double[] {rejectedReference}, rejectedTokens),
                        new double[] {probability})
                .toDoubleArray()[0]));
    }
}
