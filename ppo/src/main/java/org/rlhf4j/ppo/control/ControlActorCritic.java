package org.rlhf4j.ppo.control;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.ppo.ActorCritic;

/**
 * Two networks on the engine, {@code actor.*} and {@code critic.*}, and what turns the actor's outputs into actions.
 *
 * @param <A> an action of the environment
 */
final class ControlActorCritic<A> implements ActorCritic<ControlActorCritic.Samples>, AutoCloseable {
    private static final double CRITIC_GAIN = 1;

    private final MlpLayout actor;
    private final MlpLayout critic;
    private final ActionHead<A> head;
    private final Parameters parameters;

    /**
     * What was seen and done, a row for each step.
     *
     * @param observations {@code [N, O]}
     * @param actions {@code [N, W]}, as the head records them
     */
    record Samples(NDArray observations, NDArray actions) {}

    /** Fresh networks. */
    ControlActorCritic(Box observations, Space<A> actions, PolicyConfig config, SeededStream stream) {
        head = ActionHead.of(actions, config);
        actor = MlpLayout.of("actor", observations, config, head.outputs());
        critic = MlpLayout.of("critic", observations, config, 1);
        parameters = Torch.call(() -> {
            Parameters fresh = new Parameters();
            actor.initialize(fresh, stream.child("actor"), ActionHead.OUTPUT_GAIN);
            critic.initialize(fresh, stream.child("critic"), CRITIC_GAIN);
            head.initialize(fresh);
            return fresh;
        });
    }

    MlpLayout actor() {
        return actor;
    }

    MlpLayout critic() {
        return critic;
    }

    ActionHead<A> head() {
        return head;
    }

    /** The weights of both networks. */
    Parameters parameters() {
        return parameters;
    }

    @Override
    public List<Network> networks() {
        return List.of(Network.only(parameters));
    }

    @Override
    public Evaluation evaluate(Samples samples, int[] rows, Tape tape) {
        NDArray index = HostCopy.create(samples.observations().getManager(), new Shape(rows.length), rows);
        NDArray observations = TorchOps.rows(samples.observations(), index);
        NDArray actions = TorchOps.rows(samples.actions(), index);
        ActionHead.Likelihood likelihood =
                head.likelihood(parameters, actor.forward(parameters, observations, tape), actions);
        NDArray values = critic.forward(parameters, observations, tape).outputs();
        return new Evaluation(likelihood.logProbs(), likelihood.entropy(), values);
    }

    @Override
    public void close() {
        parameters.close();
    }
}
