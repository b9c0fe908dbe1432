package org.rlhf4j.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.registry.Environments;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;
import org.rlhf4j.control.space.Space;
import org.rlhf4j.control.vector.SyncVectorEnvironment;
import org.rlhf4j.control.vector.VectorEnvironment;

/** Steps without learning: one environment as {@link Environments#make} gives it, or several side by side. */
final class SteppingRace implements ControlRace {
    private static final int CYCLE = 1000;

    private final Work work;
    private final int steps;

    /** Makes so many steps and adds up the rewards. */
    private interface Work {
        double rewards(int steps);
    }

    private SteppingRace(Work work, int steps) {
        this.work = work;
        this.steps = steps;
    }

    /**
     * A race of {@code size} environments, or one if there is no vector.
     *
     * @param mode {@code single}, or {@code sync} or {@code vector}, for which we have one class
     * @param steps of all environments together, each turn
     */
    static SteppingRace of(String id, String mode, int size, int steps) {
        Space<?> space = Environments.make(id).actionSpace();
        if (space instanceof Discrete discrete) {
            return of(id, Integer.class, mode, size, steps, mixed -> (int) (mixed % discrete.n()));
        }
        float high = ((Box) space).high()[0];
        return of(id, float[].class, mode, size, steps, mixed ->
                new float[] {(float) ((2 * mixed / 10006.0 - 1) * high)});
    }

    /** An action for a number from 0 to 10006. */
    private interface Rule<A> {
        A action(long mixed);
    }

    private static <A> SteppingRace of(String id, Class<A> type, String mode, int size, int steps, Rule<A> rule) {
        List<List<A>> actions = new ArrayList<>();
        for (int t = 0; t < CYCLE; t++) {
            List<A> row = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                row.add(rule.action((t + 17L * i) * 7919 % 10007));
            }
            actions.add(row);
        }
        if (mode.equals("single")) {
            Environment<A> environment = Environments.make(id, type);
            environment.reset(0);
            return new SteppingRace(count -> oneByOne(environment, actions, count), steps);
        }
        VectorEnvironment<A> environments = new SyncVectorEnvironment<>(
                () -> Environments.make(id, type), size, VectorEnvironment.AutoresetMode.NEXT_STEP);
        environments.reset(0L);
        return new SteppingRace(count -> together(environments, actions, count), steps / size * size);
    }

    private static <A> double oneByOne(Environment<A> environment, List<List<A>> actions, int steps) {
        double total = 0;
        for (int t = 0; t < steps; t++) {
            Environment.Step step = environment.step(actions.get(t % CYCLE).get(0));
            total += step.reward();
            if (step.done()) {
                environment.reset();
            }
        }
        return total;
    }

    private static <A> double together(VectorEnvironment<A> environments, List<List<A>> actions, int steps) {
        double total = 0;
        for (int t = 0; t < steps / environments.size(); t++) {
            for (double reward : environments.step(actions.get(t % CYCLE)).rewards()) {
                total += reward;
            }
        }
        return total;
    }

    @Override
    public Turn turn(int number) {
        double total = work.rewards(steps);
        return new Turn(steps, () -> total);
    }
}
