package org.rlhf4j.ppo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Permutation;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.config.Require;
import org.rlhf4j.core.optim.AdamW;
import org.rlhf4j.core.optim.BadStep;
import org.rlhf4j.core.optim.Diagnosis;
import org.rlhf4j.core.optim.GradientStep;
import org.rlhf4j.core.optim.NonFiniteException;
import org.rlhf4j.core.optim.Schedule;
import org.rlhf4j.core.optim.StepHealth;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.OptimizerConfig;

/**
 * The learning half of proximal policy optimisation: Schulman et al. 2017 (arXiv:1707.06347), algorithm 1, lines 5 to 7.
 *
 * <p>Each {@link #update} goes {@code updateEpochs} times through a rollout, each time in a new order and cut into
 * {@code numMinibatches} parts whose sizes differ by one row at most; each part is one step of AdamW on the mean loss of
 * its steps. Rows are the unit: for single steps give {@link Experience#flattened}.
 *
 * @param <S> the samples of a rollout
 */
public final class PpoLearner<S> implements Resumable, AutoCloseable {
    /** How far past its target the KL divergence may be before an update is left: Spinning Up's and SB3's choice. */
    private static final double KL_TOLERANCE = 1.5;

    private final ActorCritic<S> actorCritic;
    private final PpoConfig config;
    private final long totalUpdates;
    private final long seed;
    private final List<GradientStep.Part> parts;
    private final GradientStep gradient;
    private final Schedule learningRate;
    private final Schedule clip;
    private final StepHealth health;
    private final StepHealth.Listener listener;
    private long updates;

    /**
     * A learner; the weights are trainable from now until {@link #close}.
     *
     * @param actorCritic what learns
     * @param config how
     * @param totalUpdates rollouts that will be learned from, for the schedules
     * @param seed of the order of rows
     */
    public PpoLearner(ActorCritic<S> actorCritic, PpoConfig config, long totalUpdates, long seed) {
        this(actorCritic, config, totalUpdates, seed, StepHealth.Listener.NONE);
    }

    /**
     * A learner; the weights are trainable from now until {@link #close}.
     *
     * @param actorCritic what learns
     * @param config how
     * @param totalUpdates rollouts that will be learned from, for the schedules
     * @param seed of the order of rows
     * @param listener hears of mini-batches that are left out, leaps of the gradient norm, and ratios that overflow, each with
     *     the number of the rollout that is learned from, counted from 1
     */
    public PpoLearner(
            ActorCritic<S> actorCritic, PpoConfig config, long totalUpdates, long seed, StepHealth.Listener listener) {
        Require.atLeast("totalUpdates", totalUpdates, 1);
        this.actorCritic = actorCritic;
        this.config = config;
        this.totalUpdates = totalUpdates;
        this.seed = seed;
        OptimizerConfig settings = config.optimizer();
        this.health = new StepHealth(settings.maxBadSteps(), listener);
        this.listener = listener;
        this.learningRate = settings.scheduleFor(totalUpdates);
        this.clip = config.annealClipRange() ? new Schedule.Linear(0, totalUpdates) : new Schedule.Constant(0);
        this.parts = Torch.call(() -> actorCritic.networks().stream()
                .map(network -> part(network, settings))
                .toList());
        this.gradient = new GradientStep(parts, config.gradientCheckpointing());
    }

    private static GradientStep.Part part(ActorCritic.Network network, OptimizerConfig settings) {
        network.parameters().setAllTrainable(true);
        AdamW optimizer = new AdamW(network.parameters(), settings.adamW());
        return new GradientStep.Part(
                network.name(), network.parameters(), optimizer, settings.clipNorm(), network.rateFactor());
    }

    /** Rollouts learned from so far. */
    public long updates() {
        return updates;
    }

    /** Mini-batches that were left out, and leaps of the gradient norm, of all updates so far. */
    public StepHealth health() {
        return health;
    }

    /** The weights of each network, also of one that rests, their optimizers, and what was counted. */
    @Override
    public void saveTo(StateWriter out) {
        gradient.saveTo(out.put("updates", updates).part("health", health));
    }

    @Override
    public void restoreFrom(StateReader in) {
        updates = in.integer("updates");
        in.part("health", health);
        gradient.restoreFrom(in);
    }

    /** {@link #update(Experience, Object, PpoLoss.KlPenalty)} without a KL penalty in the loss. */
    public PpoUpdate update(Experience experience, S samples) {
        return update(experience, samples, null);
    }

    /**
     * Learns from a rollout. Rows of padding alone are in no mini-batch. Where the optimizer's settings allow bad steps, a
     * mini-batch whose loss or gradient is not finite changes nothing and is left out.
     *
     * @param experience rows of steps
     * @param samples the same rows, as the actor sees them
     * @param klPenalty what moving away from the experience's reference costs; null for nothing
     * @return what was seen on the way
     * @throws IllegalArgumentException if there are fewer rows than mini-batches
     * @throws IllegalStateException if as many rollouts as there were to be have been learned from
     * @throws NonFiniteException if loss or gradient are not finite, before the step that they belong to, and may not be left
     *     out; its step is the rollout that is learned from, counted from 1
     */
    public PpoUpdate update(Experience experience, S samples, PpoLoss.@Nullable KlPenalty klPenalty) {
        if (updates == totalUpdates) {
            throw new IllegalStateException("all " + totalUpdates + " updates are made: the schedules end here");
        }
        int[] rows = experience.rowsThatCount();
        if (rows.length < config.numMinibatches()) {
            throw new IllegalArgumentException(rows.length + " rows cannot be cut into " + config.numMinibatches()
                    + " mini-batches: collect more, or lower numMinibatches");
        }
        double rate = config.optimizer().learningRate() * learningRate.factor(updates);
        PpoLoss loss = config.loss(clip.factor(updates), klPenalty);
        PpoUpdate.Collector seen = new PpoUpdate.Collector(rate, loss, experience);
        float[][] advantages = config.advantageNormalization() == PpoConfig.AdvantageNormalization.BATCH
                ? Minibatch.normalizedOverAll(experience)
                : experience.advantages();
        Torch.run(() -> {
            for (ActorCritic.Network network : actorCritic.networks()) {
                network.parameters().setAllTrainable(updates >= network.firstUpdate());
            }
            boolean going = true;
            for (int epoch = 0; going && epoch < config.updateEpochs(); epoch++) {
                int[] order = Permutation.of(rows.length, seed, Math.addExact(updates * config.updateEpochs(), epoch));
                Arrays.setAll(order, i -> rows[order[i]]);
                for (int part = 0; going && part < config.numMinibatches(); part++) {
                    int[] some = Arrays.copyOfRange(order, start(order, part), start(order, part + 1));
                    going = step(new Minibatch(experience, advantages, some, config), samples, loss, rate, seen);
                }
            }
        });
        PpoUpdate update = seen.result();
        tellOverflows(update.ratios());
        updates++;
        return update;
    }

    private void tellOverflows(Ratios ratios) {
        if (ratios.overflows() > 0) {
            listener.warned(
                    updates + 1,
                    String.format(
                            Locale.ROOT,
                            "%.3g %% of the probability ratios are beyond e^%.0f or its inverse and count as that: the policy has"
                                    + " left the one that acted; lower the learning rate, or set targetKl",
                            100 * ratios.overflows(),
                            Ratios.MOST));
        }
    }

    private int start(int[] order, int part) {
        return (int) ((long) order.length * part / config.numMinibatches());
    }

    /** One step, or none if its numbers are not finite; false if the policy has moved too far already to take it. */
    private boolean step(Minibatch minibatch, S samples, PpoLoss loss, double rate, PpoUpdate.Collector seen) {
        try {
            return healthyStep(minibatch, samples, loss, rate, seen);
        } catch (NonFiniteException e) {
            gradient.undo();
            IntFunction<String> place = row -> actorCritic.place(samples, row);
            health.bad(new BadStep(
                    e.in(updates + 1, place, "the weights are those of the mini-batch before"),
                    () -> gradient.diagnose(
                            minibatch.parts().stream().map(Minibatch.Part::rows).toList(),
                            rows -> probe(minibatch, rows, samples, loss),
                            place)));
            return true;
        }
    }

    /** Collects the gradient of a part of a mini-batch, or of one of its rows, whatever comes out; the loss, summed. */
    private double probe(Minibatch minibatch, int[] rows, S samples, PpoLoss loss) {
        Minibatch.Part part = minibatch.parts().stream()
                .filter(each -> Arrays.equals(each.rows(), rows))
                .findFirst()
                .orElseGet(() -> minibatch.only(rows[0]));
        Said said = new Said(part.old());
        PpoLoss.Result[] result = new PpoLoss.Result[1];
        for (ActorCritic.Pass<S> pass : actorCritic.passes()) {
            gradient.probe(1, tape -> {
                NDArray now = said.take(pass.evaluate(samples, part.rows(), tape), loss);
                result[0] = loss.of(said.logProbs, said.entropy, said.values, part.old());
                return said.surrogate(now, result[0], minibatch.steps());
            });
        }
        return loss.total(result[0]);
    }

    /** The norms of the weights as they are. */
    public Diagnosis weights() {
        return gradient.diagnose(List.of(), rows -> 0, row -> "");
    }

    private boolean healthyStep(Minibatch minibatch, S samples, PpoLoss loss, double rate, PpoUpdate.Collector seen) {
        double kl = 0;
        for (Minibatch.Part part : minibatch.parts()) {
            Said said = new Said(part.old());
            // That of the last pass is whole.
            PpoLoss.Result[] result = new PpoLoss.Result[1];
            for (ActorCritic.Pass<S> pass : actorCritic.passes()) {
                // The mean over the mini-batch is in the weights of the surrogate already.
                gradient.accumulate(part.rows(), 1, tape -> {
                    NDArray now = said.take(pass.evaluate(samples, part.rows(), tape), loss);
                    result[0] = evaluate(loss, part, said);
                    return said.surrogate(now, result[0], minibatch.steps());
                });
            }
            seen.add(result[0]);
            kl += result[0].ratios().kl3();
        }
        Double target = config.targetKl();
        if (target != null && kl / minibatch.steps() > KL_TOLERANCE * target) {
            gradient.discard();
            seen.stopped();
            return false;
        }
        GradientStep.Report report = gradient.update(rate);
        health.made(updates + 1, report.gradNorm());
        seen.stepped(report);
        return true;
    }

    private PpoLoss.Result evaluate(PpoLoss loss, Minibatch.Part part, Said said) {
        requireFinite("log-probabilities of the policy", said.logProbs, part);
        requireFinite("entropies of the policy", said.entropy, part);
        requireFinite("values of the critic", said.values, part);
        PpoLoss.Result result = loss.of(said.logProbs, said.entropy, said.values, part.old());
        if (!Double.isFinite(loss.total(result))) {
            throw new NonFiniteException(gradient.steps() + 1, "loss", part.rows());
        }
        return result;
    }

    private void requireFinite(String figure, float[] said, Minibatch.Part part) {
        int width = said.length / part.rows().length;
        int[] bad = IntStream.range(0, said.length)
                .filter(i -> part.old().mask()[i] && !Float.isFinite(said[i]))
                .map(i -> part.rows()[i / width])
                .distinct()
                .toArray();
        if (bad.length > 0) {
            throw NonFiniteException.of(updates + 1, figure, bad);
        }
    }

    /**
     * What policy and critic say of some rows, as far as it is known; what no pass has said yet stands as it was when the
     * actions were drawn, which changes no derivative by what has been said.
     */
    private static final class Said {
        private float[] logProbs;
        private float[] entropy;
        private float[] values;
        private boolean policySpoke;
        private boolean criticSpoke;

        Said(PpoLoss.Steps old) {
            logProbs = old.logProbs();
            entropy = new float[logProbs.length];
            values = old.values();
        }

        /** Takes in what a pass says, and returns it as one array of the graph: log-probabilities and entropies, values. */
        NDArray take(ActorCritic.Evaluation now, PpoLoss loss) {
            NDList arrays = new NDList();
            NDArray likelihoods = now.logProbs();
            NDArray entropies = now.entropy();
            NDArray estimates = now.values();
            policySpoke = likelihoods != null && entropies != null;
            criticSpoke = estimates != null;
            if (likelihoods != null && entropies != null) {
                arrays.add(likelihoods);
                // An entropy that nothing rewards needs no gradient.
                arrays.add(loss.entropyCoef() == 0 ? entropies.stopGradient() : entropies);
            }
            if (estimates != null) {
                arrays.add(estimates);
            }
            // One copy to Java and one back instead of three. DJL copies a single array, which cuts its gradient.
            NDArray joined = arrays.size() == 1 ? arrays.head() : NDArrays.concat(arrays);
            read(HostCopy.toFloats(joined));
            return joined;
        }

        private void read(float[] said) {
            int n = logProbs.length;
            int at = 0;
            if (policySpoke) {
                logProbs = Arrays.copyOf(said, n);
                entropy = Arrays.copyOfRange(said, n, 2 * n);
                at = 2 * n;
            }
            if (criticSpoke) {
                values = Arrays.copyOfRange(said, at, at + n);
            }
        }

        /** A scalar with the gradient of the mean loss: the derivatives by what a pass said, times what it said. */
        NDArray surrogate(NDArray said, PpoLoss.Result result, int steps) {
            float[] weights = new float[(int) said.size()];
            int n = logProbs.length;
            int at = 0;
            if (policySpoke) {
                System.arraycopy(result.byLogProb(), 0, weights, 0, n);
                System.arraycopy(result.byEntropy(), 0, weights, n, n);
                at = 2 * n;
            }
            if (criticSpoke) {
                System.arraycopy(result.byValue(), 0, weights, at, n);
            }
            for (int i = 0; i < weights.length; i++) {
                weights[i] /= steps;
            }
            return said.mul(HostCopy.create(said.getManager(), said.getShape(), weights))
                    .sum();
        }
    }

    /** Freezes the weights and frees the optimizer's moments. */
    @Override
    public void close() {
        for (GradientStep.Part part : parts) {
            Torch.run(() -> part.parameters().setAllTrainable(false));
            part.optimizer().close();
        }
    }
}
