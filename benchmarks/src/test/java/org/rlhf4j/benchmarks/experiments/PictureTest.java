package org.rlhf4j.benchmarks.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.rlhf4j.benchmarks.experiments.Series.Point;
import org.rlhf4j.benchmarks.experiments.Series.Style;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Pictures, read back as XML. A single chart's plot spans x 62 to 382 and, below a legend of one row, y 84 to 296. */
class PictureTest {
    private static final Chart EMPTY = new Chart("Reward", "rollout", "points");

    private static Document read(Picture picture) throws Exception {
        byte[] bytes = picture.svg().getBytes(StandardCharsets.UTF_8);
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(bytes));
    }

    private static List<Element> elements(Document document, String tag) {
        NodeList nodes = document.getElementsByTagName(tag);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    private static List<String> texts(Document document) {
        return elements(document, "text").stream().map(Element::getTextContent).toList();
    }

    @Test
    void aLineGoesThroughItsPoints() throws Exception {
        Document document = read(Picture.of(EMPTY.with(Series.line("PPO", 0, 5, 10))));
        // x: 0 to 2 in steps of 0.5, so 0, 1, 2 lie at 62, 222, 382; y: 0 to 10, so they lie at 296, 190, 84.
        assertThat(elements(document, "polyline"))
                .extracting(line -> line.getAttribute("points"))
                .containsExactly("62.0,296.0 222.0,190.0 382.0,84.0");
        assertThat(texts(document)).contains("Reward", "rollout", "points", "PPO", "0", "0.5", "1.0", "2.0", "10");
        assertThat(elements(document, "rect").get(0).getAttribute("fill")).isEqualTo("#ffffff");
    }

    @Test
    void marksAndErrorBarsLieAtTheirValues() throws Exception {
        Series series = new Series("DPO", Style.MARKS, List.of(new Point(0, 0), new Point(5, 5, 1, 5)));
        Document document = read(Picture.of(EMPTY.with(series)));
        // The legend's mark comes first; x: 0 to 6, y: 0 to 10.
        assertThat(elements(document, "circle"))
                .extracting(mark -> mark.getAttribute("cx") + " " + mark.getAttribute("cy"))
                .containsExactly("75.0 44.0", "62.0 296.0", "328.7 190.0");
        assertThat(elements(document, "line"))
                .filteredOn(line -> line.getAttribute("stroke").equals("#0072b2"))
                .extracting(line -> line.getAttribute("x1") + " " + line.getAttribute("y1") + " "
                        + line.getAttribute("x2") + " " + line.getAttribute("y2"))
                .containsExactly("275.3 190.0 382.0 190.0", "328.7 296.0 328.7 84.0");
    }

    @Test
    void aNameHasOneColourInAllChartsAndStandsInTheLegendOnce() throws Exception {
        Chart first = EMPTY.with(Series.line("with penalty", 0, 1)).with(Series.line("without", 1, 0));
        Chart second = EMPTY.with(Series.line("without", 3, 4)).with(Series.line("with penalty", 4, 3));
        Document document = read(new Picture("Hacking", 2, List.of(first, second)));
        assertThat(elements(document, "polyline"))
                .extracting(line -> line.getAttribute("stroke"))
                .containsExactly("#0072b2", "#d55e00", "#d55e00", "#0072b2");
        assertThat(texts(document)).containsOnlyOnce("with penalty", "without");
        assertThat(document.getDocumentElement().getAttribute("viewBox")).isEqualTo("0 0 800 344");
    }

    @Test
    void manyNamesTakeSeveralRowsOfTheLegend() throws Exception {
        Chart chart = EMPTY;
        for (int i = 0; i < 12; i++) {
            chart = chart.with(Series.line("a rather long name " + i, i, i + 1));
        }
        List<Element> texts = elements(read(Picture.of(chart)), "text").stream()
                .filter(text -> text.getTextContent().startsWith("a rather"))
                .toList();
        assertThat(texts).hasSize(12).allSatisfy(text -> {
            double end = Double.parseDouble(text.getAttribute("x"))
                    + 6.6 * text.getTextContent().length();
            assertThat(end).isLessThan(400);
        });
        assertThat(texts).extracting(text -> text.getAttribute("y")).doesNotHaveDuplicates();
    }

    @Test
    void textsOfAnyKindStayTexts() throws Exception {
        String hard = "KL(π || π_ref) < 5 & \"rising\" > 0 <script>";
        Document document = read(Picture.of(new Chart(hard, hard, hard).with(Series.line(hard, 1, 2))));
        assertThat(texts(document)).filteredOn(hard::equals).hasSize(4);
        assertThat(elements(document, "script")).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Picture.of(new Chart("a\u0001b", "", "").with(Series.line("", 1)))
                        .svg())
                .withMessageContaining("control");
    }

    @Test
    void whatCannotBeDrawnIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Picture.of(EMPTY).svg())
                .withMessageContaining("without values");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Series.line("PPO", 1, Double.NaN))
                .withMessageContaining("NaN");
        assertThatIllegalArgumentException().isThrownBy(() -> new Point(0, 0, 0, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Picture("", 1, List.of()));
    }
}
