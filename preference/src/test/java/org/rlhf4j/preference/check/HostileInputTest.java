package org.rlhf4j.preference.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.convert.DataConversion;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.statistics.DataStatistics;
import org.rlhf4j.preference.statistics.StatisticsReport;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Property;

/** Whatever the bytes: a typed error with its place, or rows; never another exception. */
class HostileInputTest {
    /** The bytes one character each, so that a failure can be shown. */
    private record Input(String latin1, boolean named) {}

    @Test
    void damagedFilesGiveFindingsOrRows() {
        Property.forAll(3000, HostileInputTest::damaged, input -> {
            CheckReport report = DataCheck.check(
                    List.of(source(input)), input.named() ? ReadOptions.of("pairs") : ReadOptions.DETECT);
            assertThat(report.findings())
                    .allSatisfy(finding -> assertThat(finding.examples()).isNotEmpty());
        });
    }

    @Test
    void damagedFilesConvertOrEndInATypedError() {
        Property.forAll(2000, HostileInputTest::damaged, input -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ReadOptions from = input.named() ? ReadOptions.of("pairs") : ReadOptions.DETECT;
            try {
                new DataConversion(from, null, true).run(List.of(source(input)), RowWriter.plain(out));
            } catch (DataFormatException e) {
                assertThat(e.getMessage()).startsWith("input").doesNotContain("\n");
                return;
            }
            // What went through is valid: checked again, it has no errors.
            DataSource again = new DataSource.Stream(new ByteArrayInputStream(out.toByteArray()), "again");
            CheckReport report = DataCheck.check(List.of(again), ReadOptions.DETECT);
            assertThat(report.findings().stream().filter(f -> f.rule().isError() && f.rule() != Rule.REPEATED_ID))
                    .isEmpty();
        });
    }

    @Test
    void statisticsOfDamagedFilesEndInATypedErrorAtMost() {
        Property.forAll(1000, HostileInputTest::damaged, input -> {
            try {
                StatisticsReport report = DataStatistics.of(source(input), ReadOptions.DETECT);
                assertThat(report.invalid()).isLessThanOrEqualTo(report.file().rows());
                Json.write(report.figures());
            } catch (DataFormatException e) {
                assertThat(e.getMessage()).startsWith("input");
            }
        });
    }

    private static DataSource source(Input input) {
        return new DataSource.Stream(
                new ByteArrayInputStream(input.latin1().getBytes(StandardCharsets.ISO_8859_1)), "input");
    }

    /** Valid rows, as lines or gzip, with a few bytes cut out, doubled or replaced. */
    private static Input damaged(Draws draws) {
        StringBuilder text = new StringBuilder();
        for (Row row : draws.list(5, Samples::anyRow)) {
            text.append(Json.write(row.toJson())).append('\n');
        }
        byte[] bytes = draws.between(0, 3) == 3
                ? Samples.gzip(text.toString())
                : text.toString().getBytes(StandardCharsets.UTF_8);
        for (int i = draws.between(0, 4); i > 0 && bytes.length > 0; i--) {
            bytes = damage(draws, bytes);
        }
        return new Input(new String(bytes, StandardCharsets.ISO_8859_1), draws.flip());
    }

    private static byte[] damage(Draws draws, byte[] bytes) {
        int from = draws.between(0, bytes.length - 1);
        int to = Math.min(bytes.length, from + draws.between(1, 20));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, from);
        switch (draws.between(0, 3)) {
            case 0 -> out.writeBytes(draws.bytes(draws.between(0, 3)));
            case 1 -> {
                out.write(bytes, from, to - from);
                out.write(bytes, from, to - from);
            }
            case 2 ->
                out.writeBytes(draws.pick(List.of("null", "1e400", "NaN", "[", "{}", "\"", ",", "\n", "\\ud800", "-1"))
                        .getBytes(StandardCharsets.UTF_8));
            default -> {
                // The bytes are cut out.
            }
        }
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }
}
