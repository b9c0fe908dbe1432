package org.rlhf4j.control.vector;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.ExactNumbers;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;

/**
 * Environments that are stepped one after the other by the calling thread, as Gymnasium's {@code SyncVectorEnv}.
 *
 * @param <A> an action of one environment
 */
public final class SyncVectorEnvironment<A> implements VectorEnvironment<A> {
    private final List<Environment<A>> environments;
    private final AutoresetMode mode;
    private final boolean[] ended;
    private final float[][] latest;
    private boolean started;

    /**
     * A number of like environments.
     *
     * @param maker makes one, a new one with each call
     * @param size how many, at least 1
     */
    public SyncVectorEnvironment(Supplier<? extends Environment<A>> maker, int size, AutoresetMode mode) {
        this(made(maker, size), mode);
    }

    /**
     * The given environments.
     *
     * @throws IllegalArgumentException if there is none, one is there twice, or their spaces differ
     */
    public SyncVectorEnvironment(List<? extends Environment<A>> environments, AutoresetMode mode) {
        this.environments = List.copyOf(environments);
        this.mode = mode;
        this.ended = new boolean[environments.size()];
        this.latest = new float[environments.size()][];
        check();
    }

    /** Closes what was made already when one cannot be made. */
    private static <A> List<Environment<A>> made(Supplier<? extends Environment<A>> maker, int size) {
        List<Environment<A>> made = new ArrayList<>();
        try {
            for (int i = 0; i < size; i++) {
                made.add(maker.get());
            }
            return made;
        } catch (RuntimeException | Error e) {
            made.forEach(Environment::close);
            throw e;
        }
    }

    private void check() {
        if (environments.isEmpty()) {
            throw new IllegalArgumentException("a vector needs at least one environment");
        }
        Set<Environment<A>> different = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < size(); i++) {
            Environment<A> environment = environments.get(i);
            if (!different.add(environment)) {
                throw new IllegalArgumentException(
                        "environment " + i + " is in the vector twice: each must be a new one");
            }
            boolean alike = environment.observationSpace().equals(observationSpace())
                    && environment.actionSpace().equals(actionSpace());
            if (!alike) {
                throw new IllegalArgumentException("environment " + i + " has spaces "
                        + environment.observationSpace() + " and " + environment.actionSpace() + ", environment 0 has "
                        + observationSpace() + " and " + actionSpace());
            }
        }
    }

    @Override
    public int size() {
        return environments.size();
    }

    @Override
    public EnvironmentSpec spec() {
        return environments.get(0).spec();
    }

    @Override
    public Box observationSpace() {
        return environments.get(0).observationSpace();
    }

    @Override
    public Space<A> actionSpace() {
        return environments.get(0).actionSpace();
    }

    @Override
    public AutoresetMode autoresetMode() {
        return mode;
    }

    /** The environments themselves, in their order. */
    public List<Environment<A>> environments() {
        return environments;
    }

    @Override
    public VectorReset reset(@Nullable Long seed) {
        boolean[] all = new boolean[size()];
        Arrays.fill(all, true);
        // Environments that were never seeded all start from 0: a vector of them would be n times the same.
        VectorReset reset = resetOf(seed == null && !started ? Long.valueOf(0) : seed, all);
        started = true;
        return reset;
    }

    @Override
    public VectorReset reset(@Nullable Long seed, boolean[] mask) {
        requireStarted();
        if (mode != AutoresetMode.DISABLED) {
            throw new IllegalStateException(
                    spec().id() + ": in mode " + mode + " environments reset themselves; a mask is for mode DISABLED");
        }
        if (mask.length != size()) {
            throw new IllegalArgumentException("a mask of " + mask.length + " for " + size() + " environments");
        }
        boolean any = false;
        for (boolean one : mask) {
            any |= one;
        }
        if (!any) {
            throw new IllegalArgumentException("the mask names no environment to reset");
        }
        return resetOf(seed, mask);
    }

    private VectorReset resetOf(@Nullable Long seed, boolean[] mask) {
        float[][] observations = new float[size()][];
        List<Map<String, Object>> infos = new ArrayList<>(Collections.nCopies(size(), Map.of()));
        for (int i = 0; i < size(); i++) {
            if (mask[i]) {
                Environment.Reset reset = environments.get(i).reset(seed == null ? null : seed + i, Map.of());
                ended[i] = false;
                infos.set(i, reset.info());
                latest[i] = reset.observation();
            }
            observations[i] = latest[i].clone();
        }
        return new VectorReset(observations, infos);
    }

    @Override
    public VectorStep step(List<A> actions) {
        requireStarted();
        if (actions.size() != size()) {
            throw new IllegalArgumentException(actions.size() + " actions for " + size() + " environments");
        }
        if (mode == AutoresetMode.DISABLED) {
            requireNoneEnded();
        }
        Outcomes outcomes = new Outcomes(size());
        for (int i = 0; i < size(); i++) {
            if (mode == AutoresetMode.NEXT_STEP && ended[i]) {
                outcomes.restarted(i, environments.get(i).reset());
                ended[i] = false;
                continue;
            }
            Environment.Step step = environments.get(i).step(actions.get(i));
            ended[i] = step.done();
            if (mode == AutoresetMode.SAME_STEP && ended[i]) {
                outcomes.endedAndRestarted(i, step, environments.get(i).reset());
            } else {
                outcomes.stepped(i, step);
            }
            if (mode == AutoresetMode.DISABLED) {
                // A reset of other environments shows it again, whatever the caller did to the array.
                latest[i] = step.observation().clone();
            }
        }
        return outcomes.step();
    }

    @Override
    public Optional<ObjectNode> saved() {
        ObjectNode saved = Json.object().put("started", started);
        ArrayNode each = saved.putArray("environments");
        for (int i = 0; i < size(); i++) {
            Optional<ObjectNode> environment = environments.get(i).saved();
            if (environment.isEmpty()) {
                return Optional.empty();
            }
            ObjectNode one = each.addObject().put("ended", ended[i]);
            if (latest[i] != null) {
                one.set("latest", ExactNumbers.array(latest[i]));
            }
            one.set("environment", environment.get());
        }
        return Optional.of(saved);
    }

    @Override
    public void restore(JsonFields saved) {
        List<JsonFields> each = each(saved, "environments", size());
        for (int i = 0; i < size(); i++) {
            JsonFields one = each.get(i);
            ended[i] = one.bool("ended");
            if (one.optional("latest") != null) {
                latest[i] =
                        ExactNumbers.floats(one, "latest", observationSpace().size());
            }
            environments.get(i).restore(one.object("environment"));
        }
        started = saved.bool("started");
    }

    /** What was saved of each environment. */
    static List<JsonFields> each(JsonFields saved, String name, int size) {
        List<JsonFields> each = saved.objects(name);
        if (each.size() != size) {
            throw saved.problem(name, "has " + each.size() + " of them where there are " + size);
        }
        return each;
    }

    /** Closes every environment, also where one of them fails to. */
    @Override
    public void close() {
        RuntimeException failure = null;
        for (Environment<A> environment : environments) {
            try {
                environment.close();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void requireStarted() {
        if (!started) {
            throw new IllegalStateException(spec().id() + ": step before reset; call reset first");
        }
    }

    private void requireNoneEnded() {
        List<Integer> waiting = new ArrayList<>();
        for (int i = 0; i < ended.length; i++) {
            if (ended[i]) {
                waiting.add(i);
            }
        }
        if (!waiting.isEmpty()) {
            throw new IllegalStateException(spec().id() + ": the episodes of environments " + waiting
                    + " have ended; in mode DISABLED reset them first");
        }
    }

    /** A step of all environments being put together. */
    private static final class Outcomes {
        private final float[][] observations;
        private final double[] rewards;
        private final boolean[] terminated;
        private final boolean[] truncated;
        private final List<Map<String, Object>> infos;
        private final float[] @Nullable [] finalObservations;
        private final List<@Nullable Map<String, Object>> finalInfos;

        @SuppressWarnings("NullAway") // elements of the array may be null, which it does not model
        Outcomes(int n) {
            observations = new float[n][];
            rewards = new double[n];
            terminated = new boolean[n];
            truncated = new boolean[n];
            infos = new ArrayList<>(n);
            finalObservations = new float[n][];
            finalInfos = new ArrayList<>(Collections.nCopies(n, null));
        }

        void stepped(int i, Environment.Step step) {
            observations[i] = step.observation();
            rewards[i] = step.reward();
            terminated[i] = step.terminated();
            truncated[i] = step.truncated();
            infos.add(step.info());
        }

        void restarted(int i, Environment.Reset reset) {
            observations[i] = reset.observation();
            infos.add(reset.info());
        }

        void endedAndRestarted(int i, Environment.Step step, Environment.Reset reset) {
            rewards[i] = step.reward();
            terminated[i] = step.terminated();
            truncated[i] = step.truncated();
            finalObservations[i] = step.observation();
            finalInfos.set(i, step.info());
            restarted(i, reset);
        }

        VectorStep step() {
            return new VectorStep(observations, rewards, terminated, truncated, infos, finalObservations, finalInfos);
        }
    }
}
