package org.rlhf4j.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.classic.CartPole;
import org.rlhf4j.control.classic.MountainCar;
import org.rlhf4j.control.random.Generator;
import org.rlhf4j.control.registry.Environments;
import org.rlhf4j.control.render.FilmedEnvironment;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;
import org.rlhf4j.control.vector.SyncVectorEnvironment;
import org.rlhf4j.control.vector.VectorClipAction;
import org.rlhf4j.control.vector.VectorEnvironment;
import org.rlhf4j.control.vector.VectorEnvironment.AutoresetMode;
import org.rlhf4j.control.vector.VectorEpisodeStatistics;
import org.rlhf4j.control.vector.VectorNormalizeObservation;
import org.rlhf4j.control.vector.VectorNormalizeReward;
import org.rlhf4j.control.wrap.ClipAction;
import org.rlhf4j.control.wrap.EpisodeStatistics;
import org.rlhf4j.control.wrap.NormalizeObservation;
import org.rlhf4j.control.wrap.NormalizeReward;
import org.rlhf4j.control.wrap.OrderEnforcing;
import org.rlhf4j.control.wrap.RecordEpisodeStatistics;
import org.rlhf4j.control.wrap.RescaleAction;
import org.rlhf4j.control.wrap.TimeLimit;
import org.rlhf4j.control.wrap.TransformReward;
import org.rlhf4j.control.wrap.Wrapper;
import org.rlhf4j.testing.Property;

class SavedEnvironmentTest {
    private static final int STEPS_AFTERWARDS = 300;
    private static final int WRAPPERS = 8;

    /**
     * An environment within wrappers.
     *
     * @param wrappers from the inside out, by number
     * @param steps made before it is saved; -1 saves it before its first reset
     */
    record Case(String id, int limit, List<Integer> wrappers, long seed, int steps) {}

    @Test
    void anEnvironmentInAnyWrappersGoesOnToTheBitWhereItWasSaved() {
        Property.forAll(
                draws -> new Case(
                        draws.pick(Environments.ids()),
                        draws.between(2, 60),
                        draws.list(6, d -> d.between(0, WRAPPERS - 1)),
                        draws.between(0, 1000),
                        draws.between(-1, 200)),
                SavedEnvironmentTest::goesOn);
    }

    private static <A> void goesOn(Case c) {
        @SuppressWarnings("unchecked") // only samples of its own space are given to it
        Environment<A> one = wrapped((Environment<A>) Environments.make(c.id), c);
        @SuppressWarnings("unchecked")
        Environment<A> two = wrapped((Environment<A>) Environments.make(c.id), c);
        int t = 0;
        boolean over = true;
        for (; t <= c.steps; t++) {
            over = over
                    ? reset(one, t == 0 ? c.seed : null)
                    : one.step(action(one, t)).done();
        }
        two.restore(written(one.saved()));
        for (; t < c.steps + STEPS_AFTERWARDS; t++) {
            if (over) {
                Environment.Reset first = one.reset();
                Environment.Reset second = two.reset();
                assertThat(second.observation()).isEqualTo(first.observation());
                over = false;
            } else {
                Environment.Step first = one.step(action(one, t));
                Environment.Step second = two.step(action(two, t));
                assertThat(second.observation()).isEqualTo(first.observation());
                assertThat(second.reward()).isEqualTo(first.reward());
                assertThat(second.terminated()).isEqualTo(first.terminated());
                assertThat(second.truncated()).isEqualTo(first.truncated());
                assertThat(second.info()).isEqualTo(first.info());
                over = first.done();
            }
        }
        assertThat(two.saved()).isEqualTo(one.saved());
    }

    private static boolean reset(Environment<?> environment, @Nullable Long seed) {
        environment.reset(seed, Map.of());
        return false;
    }

    private static <A> A action(Environment<A> environment, int t) {
        Space<A> space = environment.actionSpace();
        space.seed(t);
        return space.sample();
    }

    private static <A> Environment<A> wrapped(Environment<A> made, Case c) {
        Environment<A> environment = new TimeLimit<>(made, c.limit);
        // Episodes are recorded once at most.
        for (int wrapper : c.wrappers.stream().distinct().toList()) {
            environment = wrapped(environment, wrapper);
        }
        return environment;
    }

    @SuppressWarnings("unchecked") // actions of a Box are float[]
    private static <A> Environment<A> wrapped(Environment<A> inner, int wrapper) {
        boolean finite = inner.actionSpace() instanceof Box box && Float.isFinite(box.high()[0]);
        return switch (wrapper) {
            case 0 -> new OrderEnforcing<>(inner);
            case 1 -> new RecordEpisodeStatistics<>(inner, 3);
            case 2 -> new NormalizeObservation<>(inner);
            case 3 -> new NormalizeReward<>(inner, 0.9);
            case 4 -> new TransformReward<>(inner, reward -> 0.1 * reward);
            case 5 -> new FilmedEnvironment<>(inner, 8, 8, 2);
            case 6 ->
                finite
                        ? (Environment<A>) new RescaleAction((Environment<float[]>) inner, -0.5f, 0.5f)
                        : new TimeLimit<>(inner, 40);
            default -> finite ? (Environment<A>) new ClipAction((Environment<float[]>) inner) : inner;
        };
    }

    @Test
    void aVectorInAnyWrappersGoesOnToTheBitWhereItWasSaved() {
        Property.forAll(
                60,
                draws -> new VectorCase(
                        draws.pick(Environments.ids()),
                        draws.between(2, 40),
                        draws.between(1, 4),
                        draws.pick(List.of(AutoresetMode.values())),
                        draws.list(4, d -> d.between(0, 3)),
                        draws.between(0, 1000),
                        draws.between(0, 100)),
                SavedEnvironmentTest::goesOn);
    }

    /**
     * Several environments within wrappers.
     *
     * @param wrappers from the inside out, by number
     * @param steps made before they are saved
     */
    record VectorCase(
            String id, int limit, int size, AutoresetMode mode, List<Integer> wrappers, long seed, int steps) {}

    private static <A> void goesOn(VectorCase c) {
        VectorEnvironment<A> one = vector(c);
        one.reset(c.seed);
        VectorEnvironment.VectorStep latest = null;
        for (int t = 0; t < c.steps; t++) {
            latest = step(one, t, latest);
        }
        VectorEnvironment<A> two = vector(c);
        two.restore(written(one.saved()));
        VectorEnvironment.VectorStep other = latest;
        for (int t = c.steps; t < c.steps + STEPS_AFTERWARDS / 2; t++) {
            latest = step(one, t, latest);
            other = step(two, t, other);
            assertThat(other).usingRecursiveComparison().isEqualTo(latest);
        }
        assertThat(two.saved()).isEqualTo(one.saved());
    }

    /** Resets before that what has ended where nobody else does. */
    private static <A> VectorEnvironment.VectorStep step(
            VectorEnvironment<A> vector, int t, VectorEnvironment.@Nullable VectorStep latest) {
        if (latest != null && vector.autoresetMode() == AutoresetMode.DISABLED) {
            boolean[] over = new boolean[vector.size()];
            boolean any = false;
            for (int i = 0; i < over.length; i++) {
                over[i] = latest.terminated()[i] || latest.truncated()[i];
                any |= over[i];
            }
            if (any) {
                vector.reset(null, over);
            }
        }
        Space<A> space = vector.actionSpace();
        space.seed(t);
        return vector.step(Stream.generate(space::sample).limit(vector.size()).toList());
    }

    @SuppressWarnings("unchecked") // only samples of its own space are given to it; actions of a Box are float[]
    private static <A> VectorEnvironment<A> vector(VectorCase c) {
        VectorEnvironment<A> vector = new SyncVectorEnvironment<>(
                () -> new TimeLimit<>((Environment<A>) Environments.make(c.id), c.limit), c.size, c.mode);
        for (int wrapper : c.wrappers.stream().distinct().toList()) {
            vector = switch (wrapper) {
                case 0 -> new VectorEpisodeStatistics<>(vector, 3);
                case 1 -> new VectorNormalizeObservation<>(vector);
                case 2 -> new VectorNormalizeReward<>(vector, 0.9);
                default ->
                    vector.actionSpace() instanceof Box
                            ? (VectorEnvironment<A>) new VectorClipAction((VectorEnvironment<float[]>) vector)
                            : vector;
            };
        }
        return vector;
    }

    @Test
    void numbersThatJsonLacksComeBackToo() {
        TimeLimit<Integer> one = new TimeLimit<>(new CartPole(), 3);
        RecordEpisodeStatistics<Integer> infinite =
                new RecordEpisodeStatistics<>(new TransformReward<>(one, reward -> Double.NEGATIVE_INFINITY));
        infinite.reset(1);
        infinite.step(0);
        RecordEpisodeStatistics<Integer> two = new RecordEpisodeStatistics<>(new TimeLimit<>(new CartPole(), 3));
        two.restore(written(infinite.saved()));
        two.step(0);
        assertThat(two.step(0).info().get(EpisodeStatistics.KEY))
                .isEqualTo(new EpisodeStatistics(Double.NEGATIVE_INFINITY, 3));
    }

    @Test
    void aGeneratorIsSavedWithTheHalfOfAWordThatIsLeft() {
        Generator one = new Generator(42);
        one.integer(10);
        // NumPy 2: g = default_rng(42); g.integers(10); g.bit_generator.state
        assertThat(one.saved())
                .isEqualTo(Json.object()
                        .put("state_high", "47c0e8d11a134fa4")
                        .put("state_low", "b05ac5635702c3e7")
                        .put("inc_high", "fa505436c9a8416e")
                        .put("inc_low", "66caf2e28d25abff")
                        .put("has_uint32", true)
                        .put("uinteger", (int) 3324115917L));
        Generator two = new Generator(0);
        two.restore(written(Optional.of(one.saved())));
        assertThat(IntStream.range(0, 9).map(i -> two.integer(1000)).toArray())
                .isEqualTo(IntStream.range(0, 9).map(i -> one.integer(1000)).toArray());
    }

    @Test
    void whatAnotherEnvironmentSavedIsRefusedByTheNameOfTheField() {
        JsonFields cart = written(new CartPole().saved());
        assertThatThrownBy(() -> new MountainCar().restore(cart))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("state.json: field \"position\" is missing");
        assertThatThrownBy(() -> new TimeLimit<>(new CartPole(), 3).restore(cart))
                .hasMessage("state.json: field \"elapsed\" is missing");
        VectorEnvironment<Integer> three = new SyncVectorEnvironment<>(CartPole::new, 3, AutoresetMode.SAME_STEP);
        VectorEnvironment<Integer> two = new SyncVectorEnvironment<>(CartPole::new, 2, AutoresetMode.SAME_STEP);
        assertThatThrownBy(() -> two.restore(written(three.saved())))
                .hasMessage("state.json: field \"environments\" has 3 of them where there are 2");
        ObjectNode damaged = new CartPole().saved().orElseThrow();
        damaged.put("x", "1.5");
        assertThatThrownBy(() -> new CartPole().restore(written(Optional.of(damaged))))
                .hasMessageContaining("field \"x\" must be a number, \"NaN\"");
        ((ObjectNode) damaged.put("x", 1.5).get("generator")).put("inc_low", "12");
        assertThatThrownBy(() -> new CartPole().restore(written(Optional.of(damaged))))
                .hasMessage("state.json: field \"generator.inc_low\" must be 16 hexadecimal digits");
    }

    @Test
    void oneThatDoesNotSayHowItIsSavedIsNotSavedWhateverIsAroundIt() {
        Wrapper<Integer> users = () -> new CartPole();
        assertThat(users.saved()).isEmpty();
        assertThat(new TimeLimit<>(users, 3).saved()).isEmpty();
        SyncVectorEnvironment<Integer> vector = new SyncVectorEnvironment<>(() -> users, 1, AutoresetMode.SAME_STEP);
        assertThat(vector.saved()).isEmpty();
        assertThat(new VectorNormalizeReward<>(vector, 0.9).saved()).isEmpty();
        assertThatThrownBy(() -> users.restore(written(new CartPole().saved())))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageStartingWith("CartPole-v1: ");
    }

    /** As read from a file. */
    private static JsonFields written(Optional<ObjectNode> saved) {
        return JsonFields.of(Json.parse(Json.pretty(saved.orElseThrow())), "state.json", 0);
    }
}
