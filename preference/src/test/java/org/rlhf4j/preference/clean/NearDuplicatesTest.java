package org.rlhf4j.preference.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Property;

class NearDuplicatesTest {
    private static final int CHARACTERS = 4;

    @Test
    void theSimilarityIsThatOfTheSetsOfRuns() {
        Property.forAll(
                draws -> List.of(draws.text(1, 12) + "a", draws.text(1, 12) + "a"),
                texts -> assertThat(similarity(texts.get(0), texts.get(1)))
                        .isCloseTo(bruteForce(texts.get(0), texts.get(1)), within(1e-12)));
        // abcd bcde against abcd bcdf: one of three.
        assertThat(similarity("abcde", "abcdf")).isEqualTo(1.0 / 3);
    }

    @Test
    void rowsAreAsAlikeAsTheirPartsThatAreLeastAlike() {
        String prompt = "a long prompt that many pairs have ".repeat(20);
        PreferencePair pair = PreferencePair.of(prompt, "the one completion", "another completion");
        PreferencePair turned = PreferencePair.of(prompt, "another completion", "the one completion");
        PreferencePair slightlyOther = PreferencePair.of(prompt, "the one completion!", "another completion");
        assertThat(similarity(pair, pair)).isEqualTo(1);
        // 15 runs of four characters in each completion, the 8 of " completion" in both.
        assertThat(similarity(pair, turned)).isEqualTo(8.0 / 22);
        assertThat(similarity(pair, slightlyOther)).isEqualTo(15.0 / 16);
    }

    private static double similarity(PreferencePair a, PreferencePair b) {
        Shingles shingles = new Shingles(false, CHARACTERS);
        return Shingles.similarity(shingles.of(RowTexts.normalParts(a)), shingles.of(RowTexts.normalParts(b)));
    }

    @Test
    void runsOfWordsAreToldApart() {
        Shingles shingles = new Shingles(true, 2);
        long[][] a = shingles.of(parts("one two three four"));
        long[][] b = shingles.of(parts("one two three five"));
        assertThat(a[0]).hasSize(3);
        assertThat(Shingles.similarity(a, b)).isEqualTo(0.5);
        assertThat(shingles.of(parts("one"))[0]).hasSize(1);
    }

    @Test
    void theSignatureEstimatesTheSimilarityWithinItsStandardError() {
        int hashes = 256;
        MinHash minHash = new MinHash(hashes);
        SeededStream stream = SeededStream.of(11);
        for (double wanted : new double[] {0.05, 0.2, 0.5, 0.8, 0.95}) {
            double squares = 0;
            double bias = 0;
            int trials = 200;
            for (int trial = 0; trial < trials; trial++) {
                int size = 400;
                int both = (int) Math.round(2 * size * wanted / (1 + wanted));
                long[] common = stream(stream, both);
                long[] a = sorted(common, stream(stream, size - both));
                long[] b = sorted(common, stream(stream, size - both));
                double error = agreement(minHash.signature(a), minHash.signature(b)) - Shingles.jaccard(a, b);
                squares += error * error;
                bias += error;
            }
            double standardError = Math.sqrt(wanted * (1 - wanted) / hashes);
            assertThat(Math.sqrt(squares / trials))
                    .as("J %s", wanted)
                    .isCloseTo(standardError, within(standardError / 5));
            assertThat(bias / trials).isCloseTo(0, within(4 * standardError / Math.sqrt(trials)));
        }
    }

    @Test
    void clustersAreTheConnectedTextsOfABruteForceSearch() {
        Property.forAll(
                30,
                draws -> {
                    List<String> texts = new ArrayList<>();
                    for (int i = 0; i < 12; i++) {
                        texts.add(sentence(draws.between(0, 3), draws.list(3, d -> d.between(0, 40))));
                    }
                    return texts;
                },
                texts -> {
                    NearSettings settings = new NearSettings(0.7, 128, 32, false, CHARACTERS);
                    assertThat(clusters(settings, texts)).isEqualTo(bruteForceClusters(texts, 0.7));
                });
    }

    @Test
    void clustersAreThoseOfAComparisonInPython() {
        JsonNode golden = Golden.json("preference/near_duplicates");
        List<String> texts =
                Golden.texts(golden.path("texts")).stream().map(NormalText::of).toList();
        assertThat(texts).isEqualTo(Golden.texts(golden.path("normalised")));
        NearSettings settings = new NearSettings(
                golden.path("threshold").asDouble(),
                128,
                32,
                false,
                golden.path("size").asInt());
        Shingles shingles = new Shingles(false, settings.size());
        assertThat(golden.path("jaccard")).hasSizeGreaterThan(100).allSatisfy(each -> {
            long[][] a = shingles.of(parts(texts.get(each.path(0).asInt())));
            long[][] b = shingles.of(parts(texts.get(each.path(1).asInt())));
            assertThat(Shingles.similarity(a, b)).isEqualTo(each.path(2).asDouble());
        });
        assertThat(clusters(settings, texts)).isEqualTo(Golden.ints(golden.path("first")));
    }

    /** One of four sentences with some of its letters changed. */
    private static String sentence(int which, List<Integer> changes) {
        StringBuilder text = new StringBuilder(List.of(
                        "the quick brown fox jumps over the lazy dog and runs",
                        "a journey of a thousand miles begins with one step x",
                        "all that glitters is not gold, as people often say it",
                        "the quick brown fox jumps over the lazy cat and sleeps")
                .get(which));
        changes.forEach(change -> text.setCharAt(change, '#'));
        return text.toString();
    }

    @Test
    void manyAlikeTextsAreOneClusterWithoutComparingAllPairs() {
        String filler = "lorem ipsum dolor sit amet ".repeat(8);
        List<String> texts = IntStream.range(0, 5000).mapToObj(i -> filler + i).toList();
        assertThat(clusters(NearSettings.STANDARD, texts)).containsOnly(0);
    }

    @Test
    void rowsOfOneLongPromptAreNotAllCompared() {
        SeededStream stream = SeededStream.of(5);
        String prompt = words(stream, 400);
        List<List<RowTexts.Part>> rows = IntStream.range(0, 1000)
                .mapToObj(i -> RowTexts.normalParts(PreferencePair.of(prompt, words(stream, 6), words(stream, 6))))
                .toList();
        assertThat(comparisons(rows)).isLessThan(100);
    }

    @Test
    void oneShortCompletionUnderManyPromptsDoesNotMakeThemBeCompared() {
        SeededStream stream = SeededStream.of(6);
        List<List<RowTexts.Part>> rows = IntStream.range(0, 1000)
                .mapToObj(i -> RowTexts.normalParts(PreferencePair.of(words(stream, 40), "Yes.", "No.")))
                .toList();
        assertThat(comparisons(rows)).isLessThan(100);
    }

    @Test
    void twoTextsThatAreNotAlikeAreComparedOnceHoweverManyBandsTheyShare() {
        SeededStream stream = SeededStream.of(7);
        String template = words(stream, 60);
        List<List<RowTexts.Part>> texts = IntStream.range(0, 40)
                .mapToObj(i -> parts(template + " " + words(stream, 60)))
                .toList();
        assertThat(comparisons(texts)).isLessThanOrEqualTo(40 * 39 / 2);
    }

    @Test
    void rowsOfNearPromptsAndNearCompletionsAreFound() {
        SeededStream stream = SeededStream.of(8);
        String prompt = words(stream, 60);
        String completion = words(stream, 60);
        List<List<RowTexts.Part>> rows = List.of(
                RowTexts.normalParts(PreferencePair.of(prompt, completion, "No.")),
                RowTexts.normalParts(PreferencePair.of(prompt, words(stream, 60), "No.")),
                RowTexts.normalParts(PreferencePair.of(prompt + "!", completion + "!", "No.")),
                RowTexts.normalParts(PreferencePair.of(words(stream, 60), completion, "No.")));
        try (NearDuplicates near = new NearDuplicates(NearSettings.STANDARD)) {
            rows.forEach(near::add);
            Clusters clusters = near.find();
            assertThat(IntStream.range(0, 4).map(clusters::first)).containsExactly(0, 1, 0, 3);
        }
    }

    private static long comparisons(List<List<RowTexts.Part>> rows) {
        try (NearDuplicates near = new NearDuplicates(NearSettings.STANDARD)) {
            rows.forEach(near::add);
            Clusters clusters = near.find();
            assertThat(IntStream.range(0, rows.size())).allMatch(number -> clusters.first(number) == number);
            return near.comparisons();
        }
    }

    private static String words(SeededStream stream, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Long.toString(stream.nextLong() >>> 34, Character.MAX_RADIX))
                .collect(Collectors.joining(" "));
    }

    @Test
    void settingsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> new NearSettings(0.8, 100, 32, false, 8))
                .hasMessageContaining("hashes is 100, must be a multiple of bands, which is 32");
        assertThatThrownBy(() -> CleanStep.parse("dedup:threshold=0.9"))
                .hasMessage("dedup: threshold has no sense without by=near");
        assertThat(CleanStep.parse("dedup:by=near").text())
                .isEqualTo("dedup:by=near,scope=row,threshold=0.8,shingle=chars,size=8,hashes=128,bands=32");
    }

    @Test
    void textsWithoutAnyRunAreAlike() {
        assertThat(clusters(NearSettings.STANDARD, List.of("", "a", ""))).containsExactly(0, 1, 0);
    }

    private static int[] clusters(NearSettings settings, List<String> texts) {
        try (NearDuplicates near = new NearDuplicates(settings)) {
            texts.forEach(text -> near.add(parts(text)));
            Clusters clusters = near.find();
            return IntStream.range(0, texts.size()).map(clusters::first).toArray();
        }
    }

    private static int[] bruteForceClusters(List<String> texts, double threshold) {
        int[] first = IntStream.range(0, texts.size()).toArray();
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int i = 0; i < first.length; i++) {
                for (int j = 0; j < i; j++) {
                    if (first[i] != first[j] && bruteForce(texts.get(i), texts.get(j)) >= threshold) {
                        int least = Math.min(first[i], first[j]);
                        int most = Math.max(first[i], first[j]);
                        first = IntStream.of(first)
                                .map(f -> f == most ? least : f)
                                .toArray();
                        changed = true;
                    }
                }
            }
        }
        return first;
    }

    private static double similarity(String a, String b) {
        Shingles shingles = new Shingles(false, CHARACTERS);
        return Shingles.similarity(shingles.of(parts(a)), shingles.of(parts(b)));
    }

    /** From the definition. */
    static double bruteForce(String a, String b) {
        Set<String> first = runs(a);
        Set<String> second = runs(b);
        Set<String> both = new HashSet<>(first);
        both.retainAll(second);
        return (double) both.size() / (first.size() + second.size() - both.size());
    }

    private static Set<String> runs(String text) {
        int[] points = text.codePoints().toArray();
        return IntStream.range(0, Math.max(1, points.length - CHARACTERS + 1))
                .mapToObj(i -> new String(points, i, Math.min(CHARACTERS, points.length - i)))
                .collect(Collectors.toSet());
    }

    private static List<RowTexts.Part> parts(String text) {
        return List.of(new RowTexts.Part("text", text));
    }

    private static long[] stream(SeededStream stream, int size) {
        return IntStream.range(0, size).mapToLong(i -> stream.nextLong()).toArray();
    }

    private static long[] sorted(long[] a, long[] b) {
        return LongStream.concat(Arrays.stream(a), Arrays.stream(b)).sorted().toArray();
    }

    private static double agreement(int[] a, int[] b) {
        return IntStream.range(0, a.length).filter(i -> a[i] == b[i]).count() / (double) a.length;
    }
}
