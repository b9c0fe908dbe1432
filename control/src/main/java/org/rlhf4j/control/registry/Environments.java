package org.rlhf4j.control.registry;

import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.space.Discrete;
import org.rlhf4j.control.wrap.OrderEnforcing;
import org.rlhf4j.control.wrap.TimeLimit;

/**
 * Environments by their ids, as {@code gymnasium.make}.
 *
 * <p>To add one, write a class that implements {@link Environment} with a public constructor without arguments, and name it in
 * a resource {@code META-INF/services/org.rlhf4j.control.Environment}; its {@code spec()} says its id.
 */
public final class Environments {
    private Environments() {}

    /** The ids of the environments on the class path, sorted. */
    public static List<String> ids() {
        return ids(loader());
    }

    /**
     * The ids of the environments that a class loader finds, sorted.
     *
     * @throws IllegalStateException if one cannot be loaded, or two have the same id
     */
    public static List<String> ids(ClassLoader loader) {
        Map<String, Environment<?>> found = found(loader);
        found.values().forEach(Environment::close);
        return List.copyOf(found.keySet());
    }

    /**
     * The environment, within its time limit and with its order enforced.
     *
     * @throws IllegalArgumentException if there is none of that id
     */
    public static Environment<?> make(String id) {
        return make(id, loader());
    }

    /**
     * The environment that a class loader finds, within its time limit and with its order enforced.
     *
     * @throws IllegalArgumentException if there is none of that id
     * @throws IllegalStateException if one cannot be loaded, or two have the same id
     */
    public static Environment<?> make(String id, ClassLoader loader) {
        Map<String, Environment<?>> found = found(loader);
        Environment<?> environment = found.remove(id);
        // To know its id an environment has to be made; those that are not wanted are let go.
        found.values().forEach(Environment::close);
        if (environment == null) {
            throw new IllegalArgumentException(NearestName.unknown("environment", id, found.keySet()));
        }
        return limited(environment);
    }

    /**
     * The environment with actions of a type: {@code make("CartPole-v1", Integer.class)}.
     *
     * @param actions {@code Integer.class} for a {@code Discrete} action space, {@code float[].class} for a {@code Box}
     * @throws IllegalArgumentException if there is none of that id, or its actions are of another type
     */
    public static <A> Environment<A> make(String id, Class<A> actions) {
        Environment<?> environment = make(id);
        Class<?> type = environment.actionSpace() instanceof Discrete ? Integer.class : float[].class;
        if (type != actions) {
            throw new IllegalArgumentException(id + ": an action is " + type.getSimpleName() + " of "
                    + environment.actionSpace() + ", not " + actions.getSimpleName());
        }
        @SuppressWarnings("unchecked") // the type was just compared
        Environment<A> typed = (Environment<A>) environment;
        return typed;
    }

    private static <A> Environment<A> limited(Environment<A> environment) {
        Integer limit = environment.spec().maxEpisodeSteps();
        return new OrderEnforcing<>(limit == null ? environment : new TimeLimit<>(environment, limit));
    }

    private static Map<String, Environment<?>> found(ClassLoader loader) {
        Map<String, Environment<?>> found = new TreeMap<>();
        try {
            for (Environment<?> environment : ServiceLoader.load(Environment.class, loader)) {
                EnvironmentSpec spec = environment.spec();
                Environment<?> other = found.put(spec.id(), environment);
                if (other != null) {
                    throw new IllegalStateException("two environments have the id " + spec.id() + ": "
                            + other.getClass().getName() + " and "
                            + environment.getClass().getName());
                }
            }
        } catch (ServiceConfigurationError e) {
            throw new IllegalStateException("an environment cannot be loaded: " + e.getMessage(), e);
        }
        return found;
    }

    private static ClassLoader loader() {
        return Environments.class.getClassLoader();
    }
}
