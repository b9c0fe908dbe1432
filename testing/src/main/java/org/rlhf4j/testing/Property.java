package org.rlhf4j.testing;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a statement holds for many generated values.
 *
 * <pre>{@code
 * Property.forAll(draws -> draws.list(20, d -> d.between(-5, 5)), list -> assertThat(sorted(list)).hasSize(list.size()));
 * }</pre>
 *
 * <p>The cases are the same in every run. A failure is shrunk to a simpler one and reported with the seed of its case;
 * {@code -Drlhf4j.seed=SEED} runs that case alone, and {@code -Drlhf4j.cases=100000} looks further than a build does.
 */
public final class Property {
    private static final int CASES = 100;
    private static final int MAX_SHRINKS = 2_000;
    private static final int MAX_SHOWN = 1_000;

    private Property() {}

    /**
     * Makes one value out of random draws. The same draws give the same value.
     *
     * @param <T> what it makes
     */
    @FunctionalInterface
    public interface Generator<T> {
        /** One value. */
        T next(Draws draws);
    }

    /**
     * A statement about a value.
     *
     * @param <T> what it is about
     */
    @FunctionalInterface
    public interface Check<T> {
        /** Throws an exception or an assertion error when the statement does not hold. */
        void accept(T value) throws Exception;
    }

    /**
     * Checks 100 cases.
     *
     * @param generator makes the values
     * @param check what shall hold for each
     * @param <T> the type of the values
     * @throws AssertionError for the first case that fails, shrunk, with the seed that repeats it
     */
    public static <T> void forAll(Generator<T> generator, Check<? super T> check) {
        forAll(CASES, generator, check);
    }

    /**
     * Checks a number of cases.
     *
     * @param cases how many, unless the system property {@code rlhf4j.cases} says otherwise
     * @param generator makes the values
     * @param check what shall hold for each
     * @param <T> the type of the values
     * @throws AssertionError for the first case that fails, shrunk, with the seed that repeats it
     */
    public static <T> void forAll(int cases, Generator<T> generator, Check<? super T> check) {
        Long replay = Long.getLong("rlhf4j.seed");
        if (replay != null) {
            checkCase(replay, generator, check);
            return;
        }
        int count = Integer.getInteger("rlhf4j.cases", cases);
        for (int i = 0; i < count; i++) {
            checkCase(i, generator, check);
        }
    }

    private static <T> void checkCase(long seed, Generator<T> generator, Check<? super T> check) {
        Draws draws = new Draws(seed);
        T value = generator.next(draws);
        Throwable failure = failure(value, check);
        if (failure == null) {
            return;
        }
        Failure<T> first = new Failure<>(draws.choices(), value, failure);
        Failure<T> simplest = shrink(first, generator, check);
        String from = simplest.choices().equals(first.choices()) ? "" : "\n  shrunk from " + show(value);
        throw new AssertionError(
                "the property fails for " + show(simplest.value()) + from + "\n  repeat with -Drlhf4j.seed=" + seed
                        + "\n  " + simplest.cause(),
                simplest.cause());
    }

    private record Failure<T>(List<Long> choices, T value, Throwable cause) {}

    private static <T> @Nullable Throwable failure(T value, Check<? super T> check) {
        try {
            check.accept(value);
            return null;
        } catch (Exception | AssertionError | StackOverflowError e) {
            return e;
        }
    }

    /** Leaves choices out and makes them smaller for as long as the check still fails. */
    private static <T> Failure<T> shrink(Failure<T> first, Generator<T> generator, Check<? super T> check) {
        Failure<T> best = first;
        int tries = 0;
        boolean improved = true;
        while (improved && tries < MAX_SHRINKS) {
            improved = false;
            for (int step = 0; step < steps(best.choices()) && tries < MAX_SHRINKS; step++) {
                List<Long> simpler = simpler(best.choices(), step);
                if (simpler.equals(best.choices())) {
                    continue;
                }
                tries++;
                Optional<Failure<T>> candidate = replay(simpler, generator, check);
                if (candidate.isPresent()) {
                    best = candidate.get();
                    improved = true;
                    step--;
                }
            }
        }
        return best;
    }

    private static int steps(List<Long> choices) {
        return 7 * choices.size();
    }

    /** Per place, from coarse to fine: cut out 8, 4, 2 choices or 1; replace one by 0, by its half, by one less. */
    private static List<Long> simpler(List<Long> choices, int step) {
        int kind = step / choices.size();
        int at = step % choices.size();
        List<Long> simpler = new ArrayList<>(choices);
        if (kind < 4) {
            simpler.subList(at, Math.min(choices.size(), at + (8 >> kind))).clear();
            return simpler;
        }
        long choice = choices.get(at);
        simpler.set(at, kind == 4 ? 0 : kind == 5 ? choice / 2 : Math.max(0, choice - 1));
        return simpler;
    }

    private static <T> Optional<Failure<T>> replay(List<Long> script, Generator<T> generator, Check<? super T> check) {
        Draws draws = new Draws(script);
        T value;
        try {
            value = generator.next(draws);
        } catch (RuntimeException e) {
            return Optional.empty();
        }
        Throwable failure = failure(value, check);
        boolean simpler = draws.choices().size() <= script.size();
        return failure == null || !simpler
                ? Optional.empty()
                : Optional.of(new Failure<>(draws.choices(), value, failure));
    }

    private static String show(@Nullable Object value) {
        String text = value != null && value.getClass().isArray() ? showArray(value) : String.valueOf(value);
        String visible = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
        return visible.length() <= MAX_SHOWN ? visible : visible.substring(0, MAX_SHOWN) + "...";
    }

    private static String showArray(Object array) {
        Object[] boxed = new Object[Array.getLength(array)];
        Arrays.setAll(boxed, i -> Array.get(array, i));
        return Arrays.deepToString(boxed);
    }
}
