package org.rlhf4j.control.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;
import org.rlhf4j.control.space.Space;

/**
 * Checks that an environment keeps the contract of {@link Environment}, like Gymnasium's {@code check_env}: call it in a test of
 * your own environment.
 *
 * <pre>{@code
 * List<String> warnings = EnvironmentChecker.check(MyEnvironment::new);
 * }</pre>
 *
 * @param <A> an action
 */
public final class EnvironmentChecker<A> {
    private static final int STEPS = 25;
    private static final long SEED = 123;
    private static final long OTHER_SEED = 456;
    private static final Pattern ID = Pattern.compile("\\S+-v\\d+");

    private final Supplier<? extends Environment<A>> maker;
    private final Environment<A> first;
    private final EnvironmentSpec spec;
    private final Box observations;
    private final Space<A> actionSpace;
    private final List<String> warnings = new ArrayList<>();

    private EnvironmentChecker(Supplier<? extends Environment<A>> maker) {
        this.maker = maker;
        first = present(maker.get(), "the supplier returns null");
        spec = present(first.spec(), first.getClass().getName() + ": spec() is null");
        observations = present(first.observationSpace(), spec.id() + ": observationSpace() is null");
        actionSpace = present(first.actionSpace(), spec.id() + ": actionSpace() is null");
    }

    /**
     * Checks an environment; bare, without time limit and other wrappers.
     *
     * @param maker makes a new one with each call
     * @return what is lawful but often a mistake, a line each
     * @throws EnvironmentCheckException if the contract is broken
     */
    public static <A> List<String> check(Supplier<? extends Environment<A>> maker) {
        EnvironmentChecker<A> checker = new EnvironmentChecker<>(maker);
        try {
            return checker.warnings();
        } catch (RuntimeException e) {
            try {
                checker.first.close();
            } catch (RuntimeException alsoWhenClosing) {
                e.addSuppressed(alsoWhenClosing);
            }
            throw e;
        }
    }

    private List<String> warnings() {
        spec();
        SpaceChecks.observations(observations, warnings);
        SpaceChecks.actions(actionSpace, warnings);
        spaces();
        seeds();
        options();
        episodes();
        saved();
        refusals();
        new DrawingCheck(spec.id()).of(first.unwrapped());
        close();
        return List.copyOf(warnings);
    }

    private void spec() {
        if (!ID.matcher(spec.id()).matches()) {
            warnings.add(
                    "the id \"" + spec.id() + "\" has no version; write Name-v0, and count up when results change");
        }
        Integer limit = spec.maxEpisodeSteps();
        require(limit == null || limit > 0, "maxEpisodeSteps must be positive, not " + limit);
        try (Environment<A> other = made()) {
            require(other != first, "the supplier returns the same environment twice; it has to make a new one");
        }
    }

    private void spaces() {
        require(
                observations.equals(first.observationSpace()) && actionSpace.equals(first.actionSpace()),
                "the spaces are others with each call");
        actionSpace.seed(0);
        List<A> expected = samples();
        actionSpace.seed(0);
        first.reset(SEED);
        require(
                Objects.deepEquals(expected.toArray(), samples().toArray()),
                "reset(seed) seeds the action space; it has a generator of its own");
    }

    private List<A> samples() {
        return Stream.generate(actionSpace::sample).limit(STEPS).toList();
    }

    private void seeds() {
        float[] start = reset(SEED);
        float[] next = reset(null);
        require(
                Arrays.equals(start, reset(SEED)),
                "reset(" + SEED
                        + ") twice gives different observations; start the generator anew when a seed is given");
        require(
                Arrays.equals(next, reset(null)),
                "reset() after reset(" + SEED
                        + ") gives different observations the second time; draw from the generator alone");
        if (Arrays.equals(start, reset(OTHER_SEED))) {
            warnings.add("reset(" + SEED + ") and reset(" + OTHER_SEED
                    + ") start alike; harmless if the start is always the same, otherwise the seed is not used");
        } else if (Arrays.equals(start, next)) {
            warnings.add("reset() repeats the start of reset(" + SEED + "); without a seed the generator has to go on");
        }
        refuses("reset(-1)", () -> first.reset(-1));
    }

    private float[] reset(@Nullable Long seed) {
        String call = "reset(" + (seed == null ? "" : seed) + ")";
        return checked(first.reset(seed, Map.of()), call).observation().clone();
    }

    private void options() {
        try {
            first.reset(null, Map.of("no such option", 0));
            warnings.add("reset accepts an unknown option; refuse it, or a mistyped one goes unnoticed");
        } catch (IllegalArgumentException e) {
            first.reset(SEED);
        }
    }

    private void episodes() {
        Episode expected = episode(false);
        String again = expected.difference(episode(false));
        require(again.isEmpty(), "the same seed and actions give another " + again);
        String written = expected.difference(episode(true));
        require(
                written.isEmpty(),
                "writing to an observation changes the " + written + "; hand out a new array each time");
        try (Environment<A> one = made();
                Environment<A> two = made()) {
            Episode beside = new Episode();
            beside.add(one.reset(SEED));
            two.reset(OTHER_SEED);
            two.step(sample(1));
            beside.add(one.step(sample(0)));
            String shared = expected.difference(beside);
            require(
                    shared.isEmpty(),
                    "another environment beside it changes the " + shared + "; keep no state in static fields");
        }
    }

    /** An episode of the first environment with the actions of seeds 0, 1, ..., until it ends. */
    private Episode episode(boolean writing) {
        Episode episode = new Episode();
        Environment.Reset reset = checked(first.reset(SEED), "reset(" + SEED + ")");
        episode.add(reset);
        float[] latest = reset.observation();
        for (int t = 0; t < STEPS; t++) {
            if (writing) {
                Arrays.fill(latest, 1e3f);
            }
            float[] before = latest.clone();
            Environment.Step step = checked(first.step(sample(t)), t);
            require(Arrays.equals(before, latest), "step writes to an observation that was handed out before");
            episode.add(step);
            latest = step.observation();
            if (step.done()) {
                require(t > 0 || !step.truncated(), "the first step truncates the episode");
                break;
            }
        }
        return episode;
    }

    private void saved() {
        try (Environment<A> one = made();
                Environment<A> two = made()) {
            String wrong = SavedCheck.of(one, two, this::sample, SEED);
            require(wrong.isEmpty(), wrong);
        }
    }

    private A sample(int seed) {
        actionSpace.seed(seed);
        return actionSpace.sample();
    }

    private void refusals() {
        first.reset(SEED);
        if (actionSpace instanceof Discrete discrete) {
            int tooLarge = discrete.start() + discrete.n();
            refuses("step(" + tooLarge + "), which is not in " + discrete + ",", () -> step(tooLarge));
        } else if (actionSpace instanceof Box box) {
            float[] wrong = new float[box.size() + 1];
            refuses("step with " + wrong.length + " elements, which is not in " + box + ",", () -> step(wrong));
            float[] nan = new float[box.size()];
            Arrays.fill(nan, Float.NaN);
            refuses("step with NaN", () -> step(nan));
        }
    }

    @SuppressWarnings("unchecked") // the kind of space tells the type of its actions
    private void step(Object action) {
        first.step((A) action);
    }

    private void refuses(String what, Runnable call) {
        try {
            call.run();
        } catch (IllegalArgumentException e) {
            return;
        } catch (RuntimeException e) {
            throw new EnvironmentCheckException(
                    spec.id() + ": " + what + " throws " + e.getClass().getSimpleName()
                            + "; it has to throw IllegalArgumentException",
                    e);
        }
        throw broken(what + " is accepted; it has to throw IllegalArgumentException");
    }

    private void close() {
        first.close();
        try {
            first.close();
        } catch (RuntimeException e) {
            throw new EnvironmentCheckException(spec.id() + ": closing twice throws " + e, e);
        }
    }

    private Environment.Reset checked(Environment.Reset reset, String call) {
        present(reset, spec.id() + ": " + call + " returns null");
        observation(reset.observation(), call);
        present(reset.info(), spec.id() + ": the info of " + call + " is null; Map.of() is an empty one");
        return reset;
    }

    private Environment.Step checked(Environment.Step step, int t) {
        String call = "step " + (t + 1);
        present(step, spec.id() + ": " + call + " returns null");
        observation(step.observation(), call);
        require(Double.isFinite(step.reward()), "the reward of " + call + " is " + step.reward());
        present(step.info(), spec.id() + ": the info of " + call + " is null; Map.of() is an empty one");
        return step;
    }

    private void observation(float[] observation, String call) {
        present(observation, spec.id() + ": the observation of " + call + " is null");
        require(
                observations.contains(observation),
                "the observation of " + call + ", " + Arrays.toString(observation) + ", is not in " + observations);
    }

    private Environment<A> made() {
        return present(maker.get(), spec.id() + ": the supplier returns null");
    }

    private void require(boolean kept, String otherwise) {
        if (!kept) {
            throw broken(otherwise);
        }
    }

    private EnvironmentCheckException broken(String how) {
        return new EnvironmentCheckException(spec.id() + ": " + how);
    }

    @SuppressWarnings({"NullAway", "ConstantValue"}) // code that is not null-marked may return null all the same
    private static <T> T present(T value, String otherwise) {
        if (value == null) {
            throw new EnvironmentCheckException(otherwise);
        }
        return value;
    }
}
