package org.rlhf4j.preference.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TiedStrengthsTest {
    @Test
    void whatTiesMightStillJoinIsNotSaidToBeUndefined() {
        ComparisonTable table = new ComparisonTable.Builder()
                .add(List.of(List.of("a"), List.of("b")), 1)
                .add(List.of(List.of("b"), List.of("c")), 1)
                .add(List.of(List.of("a", "c")), 1)
                .build();
        assertThatThrownBy(() -> new StrengthEstimation(RankMethod.DAVIDSON, 0, 0, 1).of(table))
                .hasMessageStartingWith("the comparisons do not tie all items together, so strengths cannot be shown to"
                        + " exist (but for ties never lost against the rest: \"a\"; never won against the rest: \"c\";"
                        + " only in between: \"b\")");
        assertThat(new StrengthEstimation(RankMethod.DAVIDSON, 0.5, 0, 1)
                        .of(table)
                        .items())
                .hasSize(3);
    }

    @Test
    void completionsThatTieWheneverTheyCanHaveStrengths() {
        StrengthEstimation prior = new StrengthEstimation(RankMethod.PLACKETT_LUCE, 0.5, 0, 1);
        ComparisonTable first = new ComparisonTable.Builder()
                .add(List.of(List.of("a", "b"), List.of("c")), 1)
                .build();
        List<Strengths.Strength> items = prior.ofCompletions(first).items();
        assertThat(items.get(0).logStrength()).isEqualTo(items.get(1).logStrength(), within(1e-9));
        // {a, b} out of three pairs, with a = b = u and c = -2u: the gradient in u of -ln(1 + 2 exp(-3u/2)) and the
        // prior.
        double u = items.get(0).logStrength();
        assertThat(items.get(2).logStrength()).isEqualTo(-2 * u, within(1e-9));
        assertThat(u).isPositive();
        for (RankMethod method : RankMethod.values()) {
            ComparisonTable ties = new ComparisonTable.Builder()
                    .add(List.of(List.of("a", "b")), 1)
                    .build();
            assertThat(new StrengthEstimation(method, 0.5, 0, 1)
                            .ofCompletions(ties)
                            .items())
                    .allSatisfy(s -> assertThat(s.logStrength()).isEqualTo(0, within(1e-12)));
        }
    }

    @Test
    void tiesOfAlmostAllItemsHaveStrengths() {
        for (int items : new int[] {5, 28, 40, 64, 100}) {
            for (int best : new int[] {1, 3}) {
                List<List<String>> levels = new ArrayList<>();
                List<String> rest = new ArrayList<>();
                for (int i = 0; i < items; i++) {
                    if (i < best) {
                        levels.add(List.of("best " + i));
                    } else {
                        rest.add("rest " + i);
                    }
                }
                levels.add(rest);
                ComparisonTable.Builder builder = new ComparisonTable.Builder();
                for (int judge = 0; judge < 5; judge++) {
                    builder.add(levels, 1);
                }
                Strengths strengths = new StrengthEstimation(RankMethod.PLACKETT_LUCE, 0.5, 0, 1).of(builder.build());
                List<Double> logs = new ArrayList<>();
                strengths.items().forEach(item -> logs.add(item.logStrength()));
                for (int i = 1; i < items; i++) {
                    assertThat(logs.get(i - 1) - logs.get(i))
                            .as(items + " items, " + i)
                            .satisfies(
                                    i <= best
                                            ? higher -> assertThat(higher).isPositive()
                                            : same -> assertThat(same).isEqualTo(0, within(1e-8)));
                }
            }
        }
    }
}
