package org.rlhf4j.preference.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.convert.Mixing.Until;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.testing.Property;

final class MixingTest {
    /** The prompts of the rows that came out. */
    private record Mixed(List<String> rows, ConversionReport report) {}

    @Test
    void untilAllEveryRowIsWrittenOnceAndTheRowsOfASourceKeepTheirOrder() {
        Property.forAll(60, draws -> draws.list(2, 5, d -> d.between(1, 40)), sizes -> {
            List<Double> weights = sizes.stream().map(size -> 1.0 / size).toList();
            Mixed done = mix(new Mixing(weights, Until.ALL, 7), sizes);
            List<String> mixed = done.rows();
            for (int i = 0; i < sizes.size(); i++) {
                String source = i + ":";
                assertThat(mixed.stream().filter(row -> row.startsWith(source)))
                        .containsExactlyElementsOf(rows(i, sizes.get(i)));
            }
            assertThat(mixed).hasSize(sizes.stream().mapToInt(size -> size).sum());
            assertThat(done.report().leftOver()).isEmpty();
        });
    }

    @Test
    void untilFirstTheLastRowIsTheLastOfASourceAndNoOtherOneHasEnded() {
        Property.forAll(60, draws -> draws.list(2, 4, d -> d.between(1, 30)), sizes -> {
            Mixed done = mix(new Mixing(sizes.stream().map(size -> 1.0).toList(), Until.FIRST, 7), sizes);
            List<String> mixed = done.rows();
            int ended = 0;
            for (int i = 0; i < sizes.size(); i++) {
                String source = i + ":";
                List<String> found =
                        mixed.stream().filter(row -> row.startsWith(source)).toList();
                assertThat(found).isEqualTo(rows(i, sizes.get(i)).subList(0, found.size()));
                if (found.size() == sizes.get(i)) {
                    ended++;
                    assertThat(mixed.get(mixed.size() - 1)).startsWith(source);
                    assertThat(done.report().leftOver()).doesNotContain("s" + i);
                } else {
                    assertThat(done.report().leftOver()).contains("s" + i);
                }
            }
            assertThat(ended).isEqualTo(1);
        });
    }

    @Test
    void sourcesAreDrawnInProportionToTheirWeights() throws Exception {
        int rows = 20_000;
        List<String> mixed = mix(new Mixing(List.of(7.0, 2.0, 1.0), Until.FIRST, 1), List.of(rows, rows, rows))
                .rows();
        double[] shares = {0.7, 0.2, 0.1};
        for (int i = 0; i < shares.length; i++) {
            String source = i + ":";
            double share = mixed.stream().filter(row -> row.startsWith(source)).count() / (double) mixed.size();
            // Four standard deviations of the share among some 28,000 draws.
            double deviation = Math.sqrt(shares[i] * (1 - shares[i]) / mixed.size());
            assertThat(share).isCloseTo(shares[i], org.assertj.core.data.Offset.offset(4 * deviation));
        }
    }

    @Test
    void theSeedDecides() throws Exception {
        List<Integer> sizes = List.of(50, 50);
        List<Double> weights = List.of(0.5, 0.5);
        assertThat(mix(new Mixing(weights, Until.ALL, 1), sizes).rows())
                .isEqualTo(mix(new Mixing(weights, Until.ALL, 1), sizes).rows())
                .isNotEqualTo(mix(new Mixing(weights, Until.ALL, 2), sizes).rows());
    }

    @Test
    void sourcesOfDifferentFormatsAreMixedAndOfDifferentKindsRefused() throws Exception {
        DataSource pair = source("a", "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\"}");
        DataSource dialogue = source(
                "b",
                "{\"chosen\":\"\\n\\nHuman: p\\n\\nAssistant: a\",\"rejected\":\"\\n\\nHuman: p\\n\\nAssistant: b\"}");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ConversionReport done = conversion(new Mixing(List.of(1.0, 1.0), Until.ALL, 1))
                .run(List.of(pair, dialogue), RowWriter.plain(out));
        assertThat(done.format()).isEqualTo("pairs,hh-rlhf");
        assertThat(done.rowsOut()).isEqualTo(2);
        assertThatThrownBy(() -> conversion(new Mixing(List.of(1.0, 1.0), Until.ALL, 1))
                        .run(
                                List.of(source("a", "{\"prompt\":\"p\"}"), source("b", "{\"text\":\"t\"}")),
                                RowWriter.plain(out)))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("b: holds demonstrations, but a holds prompts");
    }

    private static Mixed mix(Mixing mixing, List<Integer> sizes) throws IOException {
        List<DataSource> sources = IntStream.range(0, sizes.size())
                .mapToObj(i -> source(
                        "s" + i,
                        String.join(
                                "\n",
                                rows(i, sizes.get(i)).stream()
                                        .map(row -> "{\"prompt\":\"" + row + "\"}")
                                        .toList())))
                .toList();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ConversionReport report = conversion(mixing).run(sources, RowWriter.plain(out));
        List<String> prompts = new ArrayList<>();
        out.toString(StandardCharsets.UTF_8)
                .lines()
                .forEach(line -> prompts.add(Json.parse(line).path("prompt").textValue()));
        return new Mixed(prompts, report);
    }

    private static DataConversion conversion(Mixing mixing) {
        return new DataConversion(ReadOptions.DETECT, null, false, OutputLayout.CANONICAL, mixing);
    }

    private static List<String> rows(int source, int count) {
        return IntStream.range(0, count).mapToObj(row -> source + ":" + row).toList();
    }

    private static DataSource source(String name, String text) {
        return new DataSource.Stream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), name);
    }
}
