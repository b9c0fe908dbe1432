package org.rlhf4j.preference.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlhf4j.preference.clean.Cleaned.rows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.testing.Property;

class CleanStepsTest {
    private final Path directory;

    CleanStepsTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void exactDuplicatesLeaveTheFirst() throws IOException {
        List<String> rows = rows(
                "{'prompt':'p','chosen':'a','rejected':'b','id':'1'}",
                "{'prompt':'p','chosen':'b','rejected':'a'}",
                "{'prompt':'p','chosen':'a','rejected':'b','margin':2.0,'source':'s'}",
                "{'prompt':'P','chosen':'a','rejected':'b'}",
                "{'prompt':'p','chosen':'a','rejected':'b','probability':0.5}");
        Cleaned cleaned = clean(rows, "dedup");
        assertThat(cleaned.kept()).containsExactly(rows.get(0), rows.get(1), rows.get(3), rows.get(4));
        assertThat(cleaned.counts(0)).containsExactly(Map.entry("duplicate", 1L));
        Path file = directory.resolve("rows.jsonl");
        assertThat(cleaned.report().steps().get(0).removed().get(0).examples())
                .singleElement()
                .satisfies(example -> {
                    assertThat(example.place()).isEqualTo(file + ":3");
                    assertThat(example.detail()).isEqualTo("repeats " + file + ":1");
                });
        assertThat(cleaned.removed()).singleElement().satisfies(row -> {
            assertThat(row.path("line").asInt()).isEqualTo(3);
            assertThat(row.path("step").asText()).isEqualTo("dedup");
            assertThat(row.path("reason").asText()).isEqualTo("duplicate");
            assertThat(row.path("row").path("source").asText()).isEqualTo("s");
        });
        assertThat(clean(rows, "dedup:scope=prompt").kept()).containsExactly(rows.get(0), rows.get(3));
    }

    @Test
    void normalisedDuplicatesDifferInCaseWidthAndWhiteSpaceAlone() throws IOException {
        List<String> rows = rows(
                "{'prompt':'Stra\u00dfe  42','chosen':'caf\u00e9','rejected':'b'}",
                "{'prompt':' STRASSE\\n\uff14\uff12 ','chosen':'CAFE\u0301','rejected':'B\u00a0'}",
                "{'prompt':'Strasse, 42','chosen':'caf\u00e9','rejected':'b'}");
        assertThat(clean(rows, "dedup:by=normalised").kept()).containsExactly(rows.get(0), rows.get(2));
        assertThat(clean(rows, "dedup").kept()).isEqualTo(rows);
    }

    @Test
    void theReasonOfANearDuplicateSaysWhetherItIsLikeTheRowThatStays() throws IOException {
        // Runs of one letter: from row to row 9 of 11 are the same, of the first and the last 8 of 12.
        List<String> rows = rows(
                "{'prompt':'abcdefghij','completion':'x'}",
                "{'prompt':'bcdefghijk','completion':'x'}",
                "{'prompt':'cdefghijkl','completion':'x'}");
        Path file = directory.resolve("rows.jsonl");
        Cleaned cleaned = clean(rows, "dedup:by=near,size=1");
        assertThat(cleaned.kept()).containsExactly(rows.get(0));
        assertThat(cleaned.removed())
                .extracting(row -> row.path("detail").asText())
                .containsExactly(
                        "says nearly what " + file + ":1 says",
                        "belongs with " + file + ":1, which it is not nearly like itself, by a chain of rows that are");
        assertThat(clean(rows, "dedup:by=near,size=1,scope=prompt").removed())
                .extracting(row -> row.path("detail").asText())
                .containsExactly(
                        "has nearly the prompt of " + file + ":1",
                        "its prompt belongs with that of " + file
                                + ":1, which it is not nearly like itself, by a chain of rows that are");
    }

    @Test
    void normalisingTwiceChangesNothing() {
        Property.forAll(
                draws -> draws.text(12),
                text -> assertThat(NormalText.of(NormalText.of(text))).isEqualTo(NormalText.of(text)));
        IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
                .filter(Character::isDefined)
                .forEach(c -> {
                    String once = NormalText.of("a" + Character.toString(c) + "b");
                    assertThat(NormalText.of(once)).as("U+%X", c).isEqualTo(once);
                });
    }

    @Test
    void rankingsThatListTheSameOrderAreDuplicates() throws IOException {
        List<String> rows = rows(
                "{'prompt':'p','completions':[{'text':'a','rank':1},{'text':'b','rank':2},{'text':'c','rank':2}]}",
                "{'prompt':'p','completions':[{'text':'C ','rank':7},{'text':'B','rank':7},{'text':'A','rank':3}]}",
                "{'prompt':'p','completions':[{'text':'a','rank':1},{'text':'b','rank':2},{'text':'c','rank':3}]}");
        assertThat(clean(rows, "dedup:by=normalised").kept()).containsExactly(rows.get(0), rows.get(2));
    }

    @Test
    void tiesAndCompletionsThatOnlySeemToDifferAreLeftOut() throws IOException {
        List<String> rows = rows(
                "{'prompt':'p','chosen':'a','rejected':'b'}",
                "{'prompt':'p','chosen':'a','rejected':'c','probability':0.5}",
                "{'prompt':'p','chosen':'Yes','rejected':'yes '}");
        Cleaned cleaned = clean(rows, "drop-ties", "drop-identical");
        assertThat(cleaned.kept()).containsExactly(rows.get(0));
        assertThat(cleaned.counts(0)).containsExactly(Map.entry("tie", 1L));
        assertThat(cleaned.counts(1)).containsExactly(Map.entry("identical", 1L));
        assertThat(cleaned.report().steps().get(1).rowsIn()).isEqualTo(2);
    }

    @Test
    void contradictionsLoseBothSidesOrTheMinority() throws IOException {
        List<String> rows = rows(
                "{'prompt':'p','chosen':'a','rejected':'b'}",
                "{'prompt':'p','chosen':'b','rejected':'a','id':'x'}",
                "{'prompt':'p','chosen':'b','rejected':'a','probability':0.2,'id':'y'}",
                "{'prompt':'p','chosen':'b','rejected':'a','probability':0.5,'id':'tie'}",
                "{'prompt':'q','chosen':'b','rejected':'a'}",
                "{'prompt':'r','chosen':'a','rejected':'b'}",
                "{'prompt':'r','chosen':'b','rejected':'a'}");
        assertThat(clean(rows, "drop-contradictions").kept()).containsExactly(rows.get(3), rows.get(4));
        assertThat(clean(rows, "drop-contradictions:keep=majority").kept())
                .containsExactly(rows.get(0), rows.get(2), rows.get(3), rows.get(4));
    }

    @Test
    void aRankingIsContradictedByAnotherOne() throws IOException {
        List<String> rows = rows(
                "{'prompt':'p','completions':[{'text':'a','rank':1},{'text':'b','rank':2},{'text':'c','rank':3}]}",
                "{'prompt':'p','completions':[{'text':'a','rank':2},{'text':'c','rank':1}]}",
                "{'prompt':'p','completions':[{'text':'a','rank':1},{'text':'b','rank':1}]}");
        assertThat(clean(rows, "drop-contradictions").kept()).containsExactly(rows.get(2));
    }

    @Test
    void lengthsAreOfCodePointsWordsAndTheirRatio() throws IOException {
        List<String> rows = rows(
                "{'prompt':'p','chosen':'\ud83d\ude00\ud83d\ude00\ud83d\ude00','rejected':'four'}",
                "{'prompt':'p','chosen':'two words','rejected':'x'}",
                "{'prompt':'longer prompt','chosen':'abc','rejected':'three more words'}");
        assertThat(clean(rows, "length:min=3,max=4").kept()).containsExactly(rows.get(0));
        assertThat(clean(rows, "length:min=3,max=4").counts(0)).containsExactly(Map.entry("too-long", 2L));
        assertThat(clean(rows, "length:min=2").counts(0)).containsExactly(Map.entry("too-short", 1L));
        assertThat(clean(rows, "length:unit=words,max=2").kept()).containsExactly(rows.get(0), rows.get(1));
        assertThat(clean(rows, "length:of=prompt,max=1").kept()).containsExactly(rows.get(0), rows.get(1));
        assertThat(clean(rows, "length:of=row,unit=words,max=1").kept()).containsExactly(rows.get(0));
        assertThat(clean(rows, "length:max-ratio=1.4").kept()).containsExactly(rows.get(0));
        assertThat(clean(rows, "length:max-ratio=1.3,of=prompt,max=1").kept()).isEmpty();
    }

    @Test
    void aGapIsTheMarginOrTheDifferenceOfScores() throws IOException {
        List<String> pairs = rows(
                "{'prompt':'p','chosen':'a','rejected':'b','margin':1.5}",
                "{'prompt':'p','chosen':'a','rejected':'b','margin':-2.0}");
        assertThat(clean(pairs, "rating-gap:min=1.5").kept()).containsExactly(pairs.get(0));
        List<String> rankings = rows(
                "{'prompt':'p','completions':[{'text':'a','score':3.0},{'text':'b','score':9.0},{'text':'c','score':4.0}]}",
                "{'prompt':'p','completions':[{'text':'a','rank':1},{'text':'b','rank':2}]}");
        assertThat(clean(rankings, "rating-gap:min=6,missing=keep").kept()).isEqualTo(rankings);
        assertThat(clean(rankings, "rating-gap:min=6,missing=drop").counts(0))
                .containsExactly(Map.entry("no-rating", 1L));
        assertThatThrownBy(() -> clean(rankings, "rating-gap:min=6"))
                .hasMessageEndingWith(
                        ":2: the ranking has no scores; rating-gap with missing=keep or missing=drop goes on");
    }

    @Test
    void charactersAreCountedBySort() throws IOException {
        List<String> rows = rows(
                "{'prompt':'p','completion':'caf\u00e9 \u4e2d\u6587 \u0915\u093f'}",
                "{'prompt':'p','completion':'12 34 a'}",
                "{'prompt':'p','completion':'lost \ufffd'}",
                "{'prompt':'p','completion':'bell\\u0007'}",
                "{'prompt':'p','completion':'see https://a.example/b now'}",
                "{'prompt':'p','completion':'one\\ntwo two two two two two two'}");
        Cleaned cleaned = clean(rows, "characters:min-letters=0.5,max-urls=0.5,max-line=26");
        assertThat(cleaned.kept()).containsExactly(rows.get(0));
        assertThat(cleaned.counts(0))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("few-letters", 1L, "replacements", 1L, "controls", 1L, "urls", 1L, "long-line", 1L));
        // Four digits of five characters that are not white space.
        assertThat(clean(rows, "characters:max-digits=0.8,max-controls=1,max-replacements=1")
                        .kept())
                .isEqualTo(rows);
        assertThat(clean(rows, "characters:max-digits=0.79,max-controls=1,max-replacements=1")
                        .counts(0))
                .containsExactly(Map.entry("digits", 1L));
    }

    @Test
    void samplesDependOnWhatRowsSayAndNotOnTheirOrder() throws IOException {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            rows.add(Samples.json("{'prompt':'" + i + "','source':'" + (i < 150 ? "a" : "b") + "'}"));
        }
        List<String> sample = clean(rows, "sample:fraction=0.1").kept();
        assertThat(sample).hasSize(20).isSubsetOf(rows);
        List<String> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, new Random(5));
        assertThat(clean(shuffled, "sample:fraction=0.1").kept()).containsExactlyInAnyOrderElementsOf(sample);
        assertThat(clean(rows, "sample:fraction=0.1,seed=7").kept()).isNotEqualTo(sample);
        List<String> perSource = clean(rows, "sample:fraction=0.1,per=source").kept();
        assertThat(perSource)
                .hasSize(20)
                .filteredOn(row -> row.contains("\"b\""))
                .hasSize(5);
        assertThat(clean(rows, "sample:count=60,per=source").kept())
                .hasSize(110)
                .containsAll(rows.subList(150, 200));
    }

    @Test
    void balancedPairsPreferTheLongerOneInHalfOfEachBucket() {
        Property.forAll(
                40,
                draws -> draws.list(1, 60, d -> List.of(d.between(1, 20), d.between(1, 20), d.between(0, 4))),
                given -> {
                    List<String> rows = new ArrayList<>();
                    for (List<Integer> each : given) {
                        rows.add(Samples.json("{'prompt':'" + rows.size() + "','chosen':'" + "a".repeat(each.get(0))
                                + "','rejected':'" + "b".repeat(each.get(1)) + "','probability':" + each.get(2) / 4.0
                                + "}"));
                    }
                    Cleaned cleaned = clean(rows, "balance-length");
                    Map<Integer, Integer> before = balance(rows);
                    Map<Integer, Integer> after = balance(cleaned.kept());
                    assertThat(after.values()).allMatch(excess -> excess == 0);
                    // No more is left out than stands over.
                    long over = before.values().stream().mapToLong(Math::abs).sum();
                    assertThat(cleaned.removed()).hasSize((int) over);
                    Map<String, Object> figures =
                            cleaned.report().steps().get(0).figures();
                    assertThat(figures)
                            .containsEntry("pairs_of_different_length_before", different(rows))
                            .containsEntry("pairs_of_different_length_after", different(cleaned.kept()))
                            .containsEntry("longer_preferred_after", different(cleaned.kept()) / 2);
                    List<String> shuffled = new ArrayList<>(rows);
                    Collections.shuffle(shuffled, new Random(1));
                    assertThat(clean(shuffled, "balance-length").kept())
                            .containsExactlyInAnyOrderElementsOf(cleaned.kept());
                });
    }

    private static long different(List<String> rows) {
        return rows.stream()
                .map(Samples::object)
                .filter(row -> row.path("probability").asDouble() != 0.5)
                .filter(row -> row.path("chosen").asText().length()
                        != row.path("rejected").asText().length())
                .count();
    }

    /** By the binary logarithm of the difference in length: how many pairs more prefer the longer one than the other. */
    private static Map<Integer, Integer> balance(List<String> rows) {
        Map<Integer, Integer> balance = new LinkedHashMap<>();
        for (String text : rows) {
            ObjectNode row = Samples.object(text);
            double probability = row.path("probability").asDouble();
            int excess = row.path("chosen").asText().length()
                    - row.path("rejected").asText().length();
            if (excess != 0 && probability != 0.5) {
                int bucket = (int) (Math.log(Math.abs(excess)) / Math.log(2) + 1e-9);
                balance.merge(bucket, excess > 0 == probability > 0.5 ? 1 : -1, Integer::sum);
            }
        }
        return balance;
    }

    @Test
    void textsThatRepeatThemselvesAreLeftOut() throws IOException {
        String varied = IntStream.range(0, 60).mapToObj(i -> "word" + i).collect(Collectors.joining(" "));
        // 20 lines of three words each, 6 of them again: 6 of 26 lines and characters.
        String lines = IntStream.range(0, 20)
                .mapToObj(i -> "some" + i + " line" + i + " here" + i)
                .collect(Collectors.joining("\\n"));
        String again = lines.substring(0, lines.indexOf("some6"));
        List<String> rows = rows(
                "{'prompt':'p','completion':'" + varied + "'}",
                "{'prompt':'p','completion':'" + lines + "\\n" + again + "'}",
                "{'prompt':'p','completion':'" + "so it goes ".repeat(20) + "'}",
                "{'prompt':'p','completion':'so so so'}");
        Cleaned cleaned = clean(rows, "repetition");
        assertThat(cleaned.kept()).containsExactly(rows.get(0), rows.get(3));
        assertThat(cleaned.counts(0))
                .containsExactlyInAnyOrderEntriesOf(Map.of("duplicate-line-chars", 1L, "top-2-gram", 1L));
        assertThat(clean(rows, "repetition:duplicate-line-chars=1").counts(0))
                .containsExactlyInAnyOrderEntriesOf(Map.of("duplicate-5-grams", 1L, "top-2-gram", 1L));
        // "so it" and "it goes" stand there 20 times; the latter has six of each eight characters.
        List<String> one = rows.subList(2, 3);
        assertThat(clean(one, "repetition:top-2-gram=0.74")
                        .removed()
                        .get(0)
                        .path("detail")
                        .asText())
                .isEqualTo("completion: a share of 0.750, more than 0.74");
        assertThat(clean(one, "repetition:top-2-gram=0.75").counts(0)).containsExactly(Map.entry("top-3-gram", 1L));
        assertThat(clean(rows, "repetition:min-words=3").kept()).containsExactly(rows.get(0));
    }

    private Cleaned clean(List<String> rows, String... steps) throws IOException {
        return Cleaned.of(directory, ReadOptions.DETECT, rows, steps);
    }
}
