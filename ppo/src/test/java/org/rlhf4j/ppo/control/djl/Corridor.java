package org.rlhf4j.ppo.control.djl;

import ai.djl.modality.rl.ActionSpace;
import ai.djl.modality.rl.env.RlEnv;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import org.rlhf4j.core.tensor.Torch;

/**
 * What a user of DJL may have: an RlEnv of five places in a row. It starts at a place that the seed chooses; action 0 goes
 * left, action 1 right; place 4 is the end and pays 1.
 */
final class Corridor implements RlEnv {
    private final NDManager manager = Torch.manager().newSubManager();
    private final int start;
    private int place;
    boolean closed;

    /** When true, places at the left wall offer only the way to the right. */
    boolean legalOnly;

    Corridor(long seed) {
        start = (int) (seed % 4);
    }

    @Override
    public void reset() {
        place = start;
    }

    @Override
    public NDList getObservation() {
        return observation(manager);
    }

    private NDList observation(NDManager owner) {
        return new NDList(owner.create((long) place), owner.create(new float[] {place / 4f, 1 - place / 4f}));
    }

    @Override
    public ActionSpace getActionSpace() {
        ActionSpace actions = new ActionSpace();
        if (place > 0 || !legalOnly) {
            actions.add(new NDList(manager.create(-1)));
        }
        actions.add(new NDList(manager.create(1)));
        return actions;
    }

    @Override
    public Step step(NDList action, boolean training) {
        NDManager owner = manager.newSubManager();
        NDList before = observation(owner);
        place = Math.max(0, place + action.singletonOrThrow().getInt());
        boolean done = place == 4;
        return new Taken(
                owner, before, action, observation(owner), getActionSpace(), owner.create(done ? 1f : 0f), done);
    }

    @Override
    public Step[] getBatch() {
        return new Step[0];
    }

    @Override
    public void close() {
        closed = true;
        manager.close();
    }
}
