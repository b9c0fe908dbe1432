package org.rlhf4j.core.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.optim.BadStep;
import org.rlhf4j.core.optim.Diagnosis;
import org.rlhf4j.core.optim.GradientStep;
import org.rlhf4j.core.optim.NonFiniteException;
import org.rlhf4j.core.optim.Schedule;
import org.rlhf4j.core.optim.StepHealth;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;

/** One run of the {@link TrainingLoop}: its counters, and the figures since they were last written. */
final class TrainingRun implements Resumable {
    static final String EVAL = "eval_";

    private final TrainingTask task;
    private final TrainingConfig config;
    private final GradientStep gradient;
    private final @Nullable BestWeights best;
    private final RunHooks hooks;
    private final LongSupplier nanoTime;
    private final BatchPlan plan;
    private final long totalSteps;
    private final Schedule schedule;
    private final Pace pace = new Pace();
    private final StepHealth health;

    private final MetricSums window = new MetricSums();
    private long steps;
    private long tokens;
    private long loggedSteps;
    private double gradNorm;
    private double learningRate;
    private Map<String, Double> lastTraining = Map.of();
    private Map<String, Double> lastEvaluation = Map.of();

    TrainingRun(
            TrainingTask task,
            TrainingConfig config,
            GradientStep gradient,
            @Nullable BestWeights best,
            RunHooks hooks,
            LongSupplier nanoTime) {
        this.task = task;
        this.config = config;
        this.gradient = gradient;
        this.best = best;
        this.hooks = hooks;
        this.nanoTime = nanoTime;
        this.plan = new BatchPlan(task, config);
        this.totalSteps = config.totalSteps(task.size());
        this.schedule = config.optimizer().scheduleFor(totalSteps);
        this.health = new StepHealth(config.optimizer().maxBadSteps(), hooks.health(this));
    }

    TrainingResult run() {
        hooks.begin(this);
        hooks.progress().started(task.size(), totalSteps);
        boolean complete = true;
        while (complete && steps < totalSteps) {
            complete = !hooks.stopRequested();
            if (complete) {
                step();
                afterStep();
            }
            hooks.afterStep(steps, !complete, this);
        }
        if (complete && best != null && best.step() != null) {
            best.restore();
            lastEvaluation = best.metrics();
        }
        TrainingResult result = result(!complete);
        hooks.progress().finished(result);
        return result;
    }

    private void afterStep() {
        boolean last = steps == totalSteps;
        if (last || steps % config.loggingSteps() == 0) {
            log();
        }
        boolean due = config.evalSteps() > 0 && steps % config.evalSteps() == 0;
        if (last || due) {
            evaluate();
        }
    }

    private TrainingResult result(boolean interrupted) {
        Map<String, Double> figures = new LinkedHashMap<>(lastTraining);
        figures.putAll(lastEvaluation);
        @Nullable Long bestStep = best == null || interrupted ? null : best.step();
        return new TrainingResult(steps, plan.epochs(steps), tokens, figures, bestStep, interrupted);
    }

    @Override
    public void saveTo(StateWriter out) {
        out.put("steps", steps)
                .put("tokens", tokens)
                .put("logged_steps", loggedSteps)
                .put("grad_norm", gradNorm)
                .put("learning_rate", learningRate)
                .put("last_training", lastTraining)
                .put("last_evaluation", lastEvaluation)
                .part("window", window)
                .part("health", health)
                .part("model", gradient);
        if (best != null) {
            out.part("best", best);
        }
    }

    @Override
    public void restoreFrom(StateReader in) {
        steps = in.integer("steps");
        tokens = in.integer("tokens");
        loggedSteps = in.integer("logged_steps");
        gradNorm = in.number("grad_norm");
        learningRate = in.number("learning_rate");
        lastTraining = in.figures("last_training");
        lastEvaluation = in.figures("last_evaluation");
        in.part("window", window);
        in.part("health", health);
        in.part("model", gradient);
        if (best != null) {
            // Absent where it was not kept before: what the run sees from now on is compared.
            if (in.has("best")) {
                in.part("best", best);
            }
        }
    }

    /** One update, or one that is left out. */
    private void step() {
        long begin = nanoTime.getAsLong();
        int[] batch = plan.batch(steps);
        learningRate = config.optimizer().learningRate() * schedule.factor(steps);
        long stepTokens = 0;
        try {
            MetricSums sums = new MetricSums();
            accumulate(batch, sums);
            gradNorm = gradient.update(learningRate).gradNorm();
            health.made(steps + 1, gradNorm);
            window.add(sums);
            for (int row : batch) {
                stepTokens += task.tokens(row);
            }
        } catch (NonFiniteException e) {
            gradient.undo();
            health.bad(new BadStep(e.in(steps + 1, task::rowId), () -> diagnose(batch)));
            gradNorm = Double.NaN;
        }
        steps++;
        tokens += stepTokens;
        pace.add(stepTokens, nanoTime.getAsLong() - begin);
        hooks.progress()
                .step(new Progress.Step(
                        steps, totalSteps, plan.epochs(steps), pace.tokensPerSecond(), pace.of(totalSteps - steps)));
    }

    private void accumulate(int[] batch, MetricSums sums) {
        double normaliser = task.normaliser(batch);
        if (!(normaliser > 0) || Double.isInfinite(normaliser)) {
            throw new IllegalStateException("the batch of " + task.rowId(batch[0]) + " and " + (batch.length - 1)
                    + " more rows has the total weight " + normaliser + ", must be positive");
        }
        double lossSum = 0;
        for (int[] rows : plan.microBatches(batch)) {
            lossSum += gradient.accumulate(rows, normaliser, tape -> task.lossSum(rows, tape, sums));
        }
        sums.mean("loss", lossSum, normaliser);
    }

    private Diagnosis diagnose(int[] batch) {
        double normaliser = task.normaliser(batch);
        return gradient.diagnose(
                plan.microBatches(batch),
                rows -> gradient.probe(normaliser, tape -> task.lossSum(rows, tape, new MetricSums())),
                task::rowId);
    }

    private void log() {
        if (steps == loggedSteps) {
            return;
        }
        Map<String, Double> sums = window.values();
        Map<String, Double> values = new LinkedHashMap<>();
        // There is none where all steps were left out.
        values.put("loss", sums.getOrDefault("loss", Double.NaN));
        values.put("grad_norm", gradNorm);
        values.put("learning_rate", learningRate);
        values.put("epoch", plan.epochs(steps));
        values.put("num_tokens", (double) tokens);
        sums.forEach(values::putIfAbsent);
        health.addTo(values);
        window.clear();
        loggedSteps = steps;
        lastTraining = values;
        Progress.StepMetrics logged = new Progress.StepMetrics(steps, values);
        hooks.metrics().accept(logged);
        hooks.progress().logged(logged);
    }

    private void evaluate() {
        if (task.comparable().isEmpty()) {
            return;
        }
        hooks.progress().evaluating(steps);
        Map<String, Double> plain = Torch.call(() -> Scope.call(task::evaluate));
        Map<String, Double> values = new LinkedHashMap<>();
        plain.forEach((name, value) -> values.put(EVAL + name, value));
        values.put("epoch", plan.epochs(steps));
        boolean improved = best != null && best.offer(steps, values);
        lastEvaluation = values;
        Progress.StepMetrics evaluated = new Progress.StepMetrics(steps, values);
        hooks.metrics().accept(evaluated);
        hooks.progress().evaluated(evaluated, improved);
    }
}
