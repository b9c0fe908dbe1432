package org.rlhf4j.preference.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlhf4j.preference.clean.Cleaned.rows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.format.RowFormat;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Property;

class DataCleaningTest {
    private final Path directory;

    DataCleaningTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private record Case(List<Row> rows, List<String> steps) {}

    @Test
    void invalidRowsEndTheCleaningUnlessTheyAreDropped() throws IOException {
        List<String> rows = rows(
                "{'prompt':'p','chosen':'a','rejected':'b'}",
                "{'prompt':'p','chosen':' ','rejected':'b'}",
                "{",
                "{'prompt':'p','chosen':'b','rejected':'b'}");
        assertThatThrownBy(() -> clean(rows, "drop-ties")).hasMessageEndingWith(":2: chosen is blank");
        Cleaned cleaned = clean(rows, "drop-invalid");
        assertThat(cleaned.kept()).containsExactly(rows.get(0));
        assertThat(cleaned.counts(0))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("blank-completion", 1L, "malformed-json", 1L, "same-completions", 1L));
        assertThat(cleaned.report().rowsIn()).isEqualTo(4);
        assertThatThrownBy(() -> clean(rows, "drop-ties", "drop-invalid"))
                .hasMessage("drop-invalid must be the first step: the others take valid rows alone");
    }

    @Test
    void stepsSayWhenTheyDoNotApply() {
        List<String> prompts = rows("{'prompt':'a'}", "{'prompt':'b'}");
        assertThatThrownBy(() -> clean(prompts, "drop-ties"))
                .hasMessageEndingWith("rows.jsonl: holds prompts, to which the step drop-ties does not apply");
        assertThatThrownBy(() -> clean(prompts, "length:min=2"))
                .hasMessageEndingWith(
                        "rows.jsonl:1: the row has no completion that a step with of=completion could judge; give the step"
                                + " another one");
        assertThatThrownBy(() -> clean(prompts, "dedup", "length:of=prompt,min=2")
                        .report()
                        .requireRows())
                .hasMessage("no row is left: 2 read, 2 after dedup:by=exact,scope=row, 0 after"
                        + " length:of=prompt,unit=chars,min=2");
    }

    @Test
    void mistakesInAStepAreAnsweredWithTheNearestName() {
        assertThatThrownBy(() -> CleanStep.parse("dedupe"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("unknown step \"dedupe\", did you mean \"dedup\"?");
        assertThatThrownBy(() -> CleanStep.parse("length:mim=3"))
                .hasMessageStartingWith("unknown parameter of length \"mim\", did you mean \"min\"?");
        assertThatThrownBy(() -> CleanStep.parse("dedup:by=normalized"))
                .hasMessageStartingWith("dedup: unknown by \"normalized\", did you mean \"normalised\"?");
        assertThatThrownBy(() -> CleanStep.parse("length:min=-3"))
                .hasMessage("length: min is \"-3\", must be a whole number from 0");
        assertThatThrownBy(() -> CleanStep.parse("sample:fraction=1.5"))
                .hasMessage("sample: fraction is \"1.5\", must be a number from 0 to 1");
        assertThatThrownBy(() -> CleanStep.parse("length:min")).hasMessageContaining("must be NAME=VALUE");
        assertThatThrownBy(() -> CleanStep.parse("length:min=1,min=2")).hasMessageContaining("has min twice");
        assertThatThrownBy(() -> CleanStep.parse("length")).hasMessageContaining("give min, max or max-ratio");
        assertThatThrownBy(() -> CleanStep.parse("length:min=3,max=2")).hasMessageContaining("more than max");
        assertThatThrownBy(() -> CleanStep.parse("sample:count=3,fraction=0.1"))
                .hasMessageContaining("one of fraction and count");
        assertThat(CleanStep.parse("sample:fraction=0.50").text()).isEqualTo("sample:fraction=0.5,per=all,seed=42");
    }

    @Test
    void everyRowIsAccountedForAndCleaningTwiceRemovesNothingMore() {
        Property.forAll(60, DataCleaningTest::anyCase, given -> {
            List<String> rows =
                    given.rows().stream().map(row -> Json.write(row.toJson())).toList();
            String[] steps = given.steps().toArray(String[]::new);
            Cleaned once = clean(rows, steps);
            long in = rows.size();
            for (StepReport step : once.report().steps()) {
                assertThat(step.rowsIn()).isEqualTo(in);
                in = step.rowsOut()
                        + step.removed().stream()
                                .mapToLong(StepReport.Removal::count)
                                .sum();
                assertThat(in).isEqualTo(step.rowsIn());
                in = step.rowsOut();
            }
            assertThat(in).isEqualTo(once.kept().size());
            assertThat(once.removed()).hasSize(rows.size() - once.kept().size());
            List<String> all = new ArrayList<>(once.kept());
            once.removed().forEach(row -> all.add(Json.write(row.path("row"))));
            assertThat(all).containsExactlyInAnyOrderElementsOf(rows);
            if (!once.kept().isEmpty()) {
                assertThat(clean(once.kept(), steps).kept()).isEqualTo(once.kept());
            }
        });
    }

    private static Case anyCase(Draws draws) {
        List<Row> some = draws.list(1, 8, d -> Samples.anyPair(d));
        List<Row> rows = new ArrayList<>(some);
        rows.addAll(draws.list(8, d -> d.pick(some)));
        List<String> known = List.of(
                "dedup",
                "dedup:by=normalised",
                "dedup:scope=prompt",
                "drop-ties",
                "drop-identical",
                "drop-contradictions",
                "length:max=20",
                "length:max-ratio=2",
                "characters:max-controls=1");
        return new Case(rows, draws.list(1, 4, d -> d.pick(known)));
    }

    @Test
    void rowsOfEveryKindAreReadBackFromTheTemporaryFile() {
        Property.forAll(
                Samples::anyRow,
                row -> assertThat(clean(List.of(Json.write(row.toJson())), row, "dedup")
                                .kept())
                        .containsExactly(Json.write(row.toJson())));
    }

    private Cleaned clean(List<String> rows, Row row, String... steps) throws IOException {
        String format = RowFormat.all().stream()
                .filter(each -> each.kind() == row.kind())
                .findFirst()
                .orElseThrow()
                .name();
        return Cleaned.of(directory, ReadOptions.of(format), rows, steps);
    }

    private Cleaned clean(List<String> rows, String... steps) throws IOException {
        return Cleaned.of(directory, ReadOptions.DETECT, rows, steps);
    }
}
