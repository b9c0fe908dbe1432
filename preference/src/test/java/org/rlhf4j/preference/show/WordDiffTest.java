package org.rlhf4j.preference.show;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Property;

class WordDiffTest {
    @Test
    void aChangedWordIsMarkedInBoth() {
        assertThat(diff("Name a tall tree.", "Name a small tree."))
                .isEqualTo("Name a [tall] tree. / Name a [small] tree.");
    }

    @Test
    void whatWasAddedHasNoPartner() {
        assertThat(diff("one two", "one and two")).isEqualTo("one two / one [and ]two");
        assertThat(diff("", "new")).isEqualTo(" / [new]");
        assertThat(diff("same", "same")).isEqualTo("same / same");
        assertThat(diff("", "")).isEqualTo(" / ");
    }

    @Test
    void equalWordsAmongLongDifferencesAreNoIslands() {
        assertThat(diff("Oaks and elms grow here.", "Stones, of course, and sand lie there."))
                .isEqualTo("[Oaks and elms grow here]. / [Stones, of course, and sand lie there].");
        assertThat(diff("a quick brown fox", "the quick brown hen"))
                .isEqualTo("[a] quick brown [fox] / [the] quick brown [hen]");
    }

    @Test
    void charactersOfScriptsWithoutSpacesAreWords() {
        assertThat(WordDiff.words("\u6211\u559C\u6B22 tea-\u8336\n\n cafe\u0301s"))
                .containsExactly(
                        "\u6211", "\u559C", "\u6B22", " ", "tea", "-", "\u8336", "\n", "\n", " ", "cafe\u0301s");
    }

    @Test
    void whiteSpaceThatDiffersIsMarked() {
        assertThat(diff("a b", "a  b")).isEqualTo("a[ ]b / a[  ]b");
        assertThat(diff("a b", "a b\n")).isEqualTo("a b / a b[\n]");
    }

    @Test
    void textsThatDifferTooMuchDifferBetweenTheirCommonEnds() {
        String left = IntStream.range(0, 2000).mapToObj(i -> "l" + i).collect(Collectors.joining(" "));
        String right = IntStream.range(0, 2000).mapToObj(i -> "r" + i).collect(Collectors.joining(" "));
        assertThat(diff("begin " + left + " end", "begin " + right + " end"))
                .isEqualTo("begin [" + left + "] end / begin [" + right + "] end");
    }

    @Test
    void longTextsWithFewDifferencesAreCompared() {
        String left = IntStream.range(0, 50_000).mapToObj(i -> "w" + i).collect(Collectors.joining(" "));
        String right = left.replace("w25000 ", "other ").replace("w49000 ", "");
        assertThat(WordDiff.of(left, right).right().stream().filter(Segment::differs))
                .containsExactly(new Segment("other", true));
        assertThat(WordDiff.of(left, right).left().stream().filter(Segment::differs))
                .containsExactly(new Segment("w25000", true), new Segment(" w49000", true));
    }

    @Test
    void theStretchesAreTheTextsAndWhatIsEqualIsEqualInBoth() {
        Property.forAll(2000, draws -> List.of(text(draws), text(draws)), texts -> {
            WordDiff diff = WordDiff.of(texts.get(0), texts.get(1));
            assertThat(joined(diff.left(), true)).isEqualTo(texts.get(0));
            assertThat(joined(diff.right(), true)).isEqualTo(texts.get(1));
            assertThat(joined(diff.left(), false)).isEqualTo(joined(diff.right(), false));
            // Equal texts have no differences, and different ones have some.
            boolean differs = diff.left().stream().anyMatch(Segment::differs)
                    || diff.right().stream().anyMatch(Segment::differs);
            assertThat(differs).isEqualTo(!texts.get(0).equals(texts.get(1)));
        });
    }

    private static String text(Draws draws) {
        return draws.flip()
                ? draws.text(12)
                : String.join(" ", draws.list(12, d -> d.pick(List.of("a", "to", "tree", "mountain", ".", "\n"))));
    }

    private static String joined(List<Segment> segments, boolean all) {
        return segments.stream()
                .filter(segment -> all || !segment.differs())
                .map(Segment::text)
                .collect(Collectors.joining());
    }

    private static String diff(String left, String right) {
        WordDiff diff = WordDiff.of(left, right);
        return marked(diff.left()) + " / " + marked(diff.right());
    }

    private static String marked(List<Segment> segments) {
        return segments.stream()
                .map(segment -> segment.differs() ? "[" + segment.text() + "]" : segment.text())
                .collect(Collectors.joining());
    }
}
