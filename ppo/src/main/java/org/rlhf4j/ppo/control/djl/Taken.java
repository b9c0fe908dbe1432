package org.rlhf4j.ppo.control.djl;

import ai.djl.modality.rl.ActionSpace;
import ai.djl.modality.rl.env.RlEnv;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import org.rlhf4j.core.tensor.Torch;

/** A step whose arrays belong to one manager. */
record Taken(
        NDManager owner,
        NDList preObservation,
        NDList action,
        NDList postObservation,
        ActionSpace postActionSpace,
        NDArray reward,
        boolean done)
        implements RlEnv.Step {

    @Override
    public NDList getPreObservation() {
        return preObservation;
    }

    @Override
    public NDList getAction() {
        return action;
    }

    @Override
    public NDList getPostObservation() {
        return postObservation;
    }

    @Override
    public ActionSpace getPostActionSpace() {
        return postActionSpace;
    }

    @Override
    public NDArray getReward() {
        return reward;
    }

    @Override
    public boolean isDone() {
        return done;
    }

    @Override
    public void close() {
        Torch.run(owner::close);
    }
}
