package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.TokenCrossEntropy;
import org.rlhf4j.core.tensor.TokenLogProbs;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.VocabularyHead;
import org.rlhf4j.testing.GradientCheck;
import org.rlhf4j.testing.Leaks;

/** A backward pass that computes layers again gives the gradients of one that keeps them. */
class CheckpointingTest {
    static Stream<Arguments> cases() {
        return TestModels.configs().stream()
                .flatMap(json -> Stream.of(
                        Arguments.of(json, PaddedBatch.Side.RIGHT), Arguments.of(json, PaddedBatch.Side.LEFT)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyGradientIsThatOfAPassThatKeepsAll(ObjectNode json, PaddedBatch.Side side) {
        ModelConfig config = TestModels.read(json);
        PaddedBatch batch = PaddedBatch.of(TestModels.rows(7, 3, 5), side, 0);
        PaddedBatch other = PaddedBatch.of(TestModels.rows(9), side, 0);
        assertSame(
                config, name -> true, (tape, model) -> model.loss(tape, batch).add(model.loss(tape, other)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aFrozenPartHasNoGradientAndTheRestThatOfAPassThatKeepsAll(ObjectNode json, PaddedBatch.Side side) {
        ModelConfig config = TestModels.read(json);
        PaddedBatch batch = PaddedBatch.of(TestModels.rows(7, 3, 5), side, 0);
        Model.LossOf loss = (tape, model) -> model.loss(tape, batch);
        // As an adapter in the first layer over a frozen embedding, and one in the last layer over frozen ones.
        assertSame(config, name -> name.endsWith("layers.0.self_attn.q_proj.weight"), loss);
        assertSame(config, name -> name.endsWith("layers.1.mlp.up_proj.weight"), loss);
        assertSame(config, name -> name.equals(TensorNames.embedding(config)), loss);
        assertSame(config, name -> name.equals(TensorNames.SCORE), loss);
    }

    @Test
    void aStepLeavesNoArrayBehind() {
        ModelConfig config = TestModels.read(TestModels.config());
        PaddedBatch batch = PaddedBatch.of(TestModels.rows(7, 3, 5));
        try (Parameters weights = TestModels.weights(config, true)) {
            Torch.run(() -> {
                weights.setAllTrainable(true);
                Model model = Model.over(config, weights);
                Runnable step = () -> Tape.backward(tape -> model.loss(tape, batch), 1, value -> {}, true);
                step.run();
                int before = Leaks.count(weights.manager()) + Leaks.count(Torch.manager());
                step.run();
                assertThat(Leaks.count(weights.manager()) + Leaks.count(Torch.manager()))
                        .isEqualTo(before);
            });
        }
    }

    private static void assertSame(ModelConfig config, Predicate<String> trained, Model.LossOf loss) {
        Map<String, double[]> kept = gradients(config, trained, loss, false);
        Map<String, double[]> again = gradients(config, trained, loss, true);
        assertThat(again.keySet()).isEqualTo(kept.keySet()).isNotEmpty();
        kept.forEach((name, gradient) ->
                GradientCheck.assertClose(name, Objects.requireNonNull(again.get(name)), gradient, 1e-14));
    }

    private static Map<String, double[]> gradients(
            ModelConfig config, Predicate<String> trained, Model.LossOf loss, boolean checkpointing) {
        try (Parameters weights = TestModels.weights(config, true)) {
            return Torch.call(() -> {
                weights.setAllTrainable(true);
                weights.names().stream().filter(trained.negate()).forEach(name -> weights.setTrainable(name, false));
                Model model = Model.over(config, weights);
                Tape.backward(tape -> loss.of(tape, model), 0.5, value -> {}, checkpointing);
                Map<String, double[]> gradients = new LinkedHashMap<>();
                for (String name : weights.trainableNames()) {
                    gradients.put(name, weights.get(name).getGradient().toDoubleArray());
                }
                return gradients;
            });
        }
    }

    /** A decoder with heads of every kind, whose language model head is tied. */
    private record Model(Decoder decoder, ScalarHead head, NDArray embedding) {
        interface LossOf {
            NDArray of(Tape tape, Model model);
        }

        static Model over(ModelConfig config, Parameters weights) {
            return new Model(
                    new Decoder(config, weights), new ScalarHead(weights), weights.get(TensorNames.embedding(config)));
        }

        /** Scores at the last token, log-probabilities and values of tokens from one cut array, and their cross entropy. */
        NDArray loss(Tape tape, PaddedBatch batch) {
            NDArray scores = new SequenceScorer(decoder, head).scores(batch);
            NDArray states = tape.cut(decoder.predictingStates(batch));
            TokenLogProbs tokens =
                    TokenLogProbs.of(tape, states, new VocabularyHead(embedding), batch.completionTargets(), 0.7);
            TokenCrossEntropy entropy = TokenCrossEntropy.of(
                    tape, decoder.predictingStates(batch), new VocabularyHead(embedding), batch.completionTargets());
            NDArray values = head.of(states);
            return scores.mul(scores)
                    .sum()
                    .add(tokens.logProb().mul(values).sum())
                    .add(tokens.entropy().sum())
                    .add(entropy.sum());
        }
    }
}
