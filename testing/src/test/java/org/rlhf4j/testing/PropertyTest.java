package org.rlhf4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PropertyTest {
    @AfterEach
    void clearProperties() {
        System.clearProperty("rlhf4j.seed");
        System.clearProperty("rlhf4j.cases");
    }

    @Test
    void everyCaseIsChecked() {
        List<Integer> seen = new ArrayList<>();
        Property.forAll(250, draws -> draws.between(0, 1_000_000), seen::add);
        assertThat(seen).hasSize(250);
        assertThat(new HashSet<>(seen)).hasSizeGreaterThan(240);
    }

    @Test
    void theCasesAreTheSameInEveryRun() {
        List<String> first = new ArrayList<>();
        List<String> second = new ArrayList<>();
        Property.forAll(50, draws -> draws.text(20), first::add);
        Property.forAll(50, draws -> draws.text(20), second::add);
        assertThat(second).isEqualTo(first);
    }

    @Test
    void theNumberOfCasesCanBeRaisedFromOutside() {
        System.setProperty("rlhf4j.cases", "321");
        List<Integer> seen = new ArrayList<>();
        Property.forAll(5, draws -> draws.between(0, 9), seen::add);
        assertThat(seen).hasSize(321);
    }

    @Test
    void aFailureNamesTheValueTheSeedAndTheCause() {
        AssertionError error = fails(() -> Property.forAll(draws -> draws.between(0, 1000), value -> {
            if (value >= 17) {
                throw new IllegalStateException("too large");
            }
        }));
        assertThat(error)
                .hasMessageContaining("the property fails for 17\n")
                .hasMessageContaining("-Drlhf4j.seed=")
                .hasMessageContaining("too large")
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSeedRepeatsTheFailureAlone() {
        Property.Generator<List<Integer>> generator = draws -> draws.list(30, d -> d.between(-100, 100));
        Property.Check<List<Integer>> check = list -> assertThat(list).doesNotContain(77);
        AssertionError error = fails(() -> Property.forAll(10_000, generator, check));
        String seed = error.toString().replaceAll("(?s).*-Drlhf4j.seed=(-?\\d+).*", "$1");
        System.setProperty("rlhf4j.seed", seed);
        List<List<Integer>> seen = new ArrayList<>();
        AssertionError again = fails(() -> Property.forAll(10_000, generator, list -> {
            seen.add(list);
            check.accept(list);
        }));
        assertThat(again.getMessage()).isEqualTo(error.getMessage());
        assertThat(seen.get(0)).contains(77);
    }

    @Test
    void aListShrinksToTheElementsThatMatter() {
        // The smallest list whose sum exceeds 100, of numbers up to 60, has two elements with a sum of 101.
        AssertionError error = fails(() -> Property.forAll(
                draws -> draws.list(40, d -> d.between(0, 60)),
                list -> assertThat(list.stream().mapToInt(Integer::intValue).sum())
                        .isLessThanOrEqualTo(100)));
        String value = error.toString().replaceAll("(?s)^.*?the property fails for \\[([^]]*)].*", "$1");
        int[] shrunk =
                List.of(value.split(", ")).stream().mapToInt(Integer::parseInt).toArray();
        assertThat(shrunk).hasSize(2);
        assertThat(shrunk[0] + shrunk[1]).isEqualTo(101);
    }

    @Test
    void anElementInTheMiddleOfAListIsFound() {
        AssertionError error = fails(() -> Property.forAll(
                1000,
                draws -> draws.list(30, d -> d.between(-1000, 1000)),
                list -> assertThat(list).allMatch(number -> number > -50)));
        assertThat(error).hasMessageContaining("the property fails for [-50]\n");
    }

    @Test
    void textShrinksToThePieceThatMatters() {
        AssertionError error = fails(() -> Property.forAll(
                1000, draws -> draws.text(30), text -> assertThat(text).doesNotContain("\r\n")));
        assertThat(error).hasMessageContaining("the property fails for \\r\\n\n");
    }

    @Test
    void aCaseThatIsSimpleAlreadyIsReportedAsItIs() {
        AssertionError error = fails(() -> Property.forAll(draws -> draws.between(5, 5), value -> {
            throw new AssertionError("always");
        }));
        assertThat(error)
                .hasMessageContaining("the property fails for 5\n  repeat")
                .hasMessageNotContaining("shrunk");
    }

    @Test
    void shrinkingSurvivesAGeneratorThatRefusesSimplerDraws() {
        AssertionError error = fails(() -> Property.forAll(
                draws -> {
                    int value = draws.between(0, 1000);
                    if (value < 500) {
                        return value + 500;
                    }
                    if (value == 500) {
                        throw new IllegalArgumentException("not this one");
                    }
                    return value;
                },
                value -> assertThat(value).isZero()));
        assertThat(error).hasMessageContaining("the property fails for 500\n");
    }

    @Test
    void arraysAreShownByTheirElements() {
        AssertionError error = fails(() -> Property.forAll(
                draws -> draws.doubles(2, 0, 1), value -> assertThat(value).isEmpty()));
        assertThat(error).hasMessageContaining("the property fails for [0.0, 0.0]");
    }

    @Test
    void drawsStayWithinTheirBounds() {
        Property.forAll(
                500,
                draws -> {
                    assertThat(draws.between(-3, 5)).isBetween(-3, 5);
                    assertThat(draws.between(-9, -5)).isBetween(-9, -5);
                    assertThat(draws.between(Long.MAX_VALUE - 1, Long.MAX_VALUE))
                            .isGreaterThan(Long.MAX_VALUE - 2);
                    assertThat(draws.between(0.5, 2.0))
                            .isGreaterThanOrEqualTo(0.5)
                            .isLessThan(2.0);
                    assertThat(draws.list(2, 4, Draws::flip)).hasSizeBetween(2, 4);
                    assertThat(draws.word(1, 3)).matches("[a-z]{1,3}");
                    assertThat(draws.bytes(3)).hasSize(3);
                    assertThat(draws.floats(3, 1f, 2f)).hasSize(3);
                    assertThat(Double.isFinite(draws.anyFinite())).isTrue();
                    return draws.anyLong();
                },
                value -> assertThat(value).isNotNull());
    }

    @Test
    void everyValueOfARangeIsDrawn() {
        Set<Integer> seen = new HashSet<>();
        Property.forAll(400, draws -> draws.between(-2, 3), seen::add);
        assertThat(seen).containsExactlyInAnyOrder(-2, -1, 0, 1, 2, 3);
    }

    @Test
    void aRangeThatDoesNotFitIsRefused() {
        Draws draws = new Draws(1);
        assertThatThrownBy(() -> draws.between(Long.MIN_VALUE, Long.MAX_VALUE)).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> draws.choose(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatCode(draws::anyLong).doesNotThrowAnyException();
    }

    private static AssertionError fails(Runnable property) {
        AssertionError error = catchThrowableOfType(AssertionError.class, property::run);
        assertThat(error).as("the property holds, but must not").isNotNull();
        return error;
    }
}
