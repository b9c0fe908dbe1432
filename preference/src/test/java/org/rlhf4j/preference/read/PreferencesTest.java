package org.rlhf4j.preference.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.CompletionChoice;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.TiePolicy;

class PreferencesTest {
    private static final String RANKING = Samples.json(
            "{'prompt':'p','completions':[{'text':'a','rank':2},{'text':'b','rank':1},{'text':'c','rank':2}]}");
    private static final String PAIR = Samples.json("{'prompt':'q','chosen':'yes','rejected':'no'}");

    private final Path directory;

    PreferencesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    /** The example of the class comment. */
    @Test
    void pairsAreReadWithTheirPlaces() {
        Path path = Samples.file(directory, "rankings.jsonl", "", RANKING);
        List<String> seen = new ArrayList<>();
        try (Rows<PreferencePair> pairs = Preferences.readPairs(path, PairStrategy.ALL, TiePolicy.KEEP)) {
            assertThat(pairs.format().name()).isEqualTo("rankings");
            assertThat(pairs.evidence()).isEqualTo("it has \"prompt\" and a list of objects as \"completions\"");
            while (pairs.hasNext()) {
                Located<PreferencePair> row = pairs.next();
                seen.add(row.line() + (row.value().isTie() ? " tie" : " order"));
            }
        }
        assertThat(seen).containsExactly("2 tie", "2 order", "2 order");
    }

    @Test
    void demonstrationsAreReadFromRankingsWithTheirPlaces() {
        Path path = Samples.file(directory, "rankings.jsonl", "", RANKING);
        try (Rows<Demonstration> rows = Preferences.readDemonstrations(path, CompletionChoice.ALL)) {
            assertThat(rows.toList())
                    .hasSize(3)
                    .allSatisfy(row -> assertThat(row.place()).isEqualTo(path + ":2"));
        }
        Path prompts = Samples.file(directory, "prompts.jsonl", "{\"prompt\":\"p\"}");
        try (Rows<Demonstration> rows = Preferences.readDemonstrations(prompts, CompletionChoice.ALL)) {
            assertThatThrownBy(rows::next)
                    .hasMessage(
                            prompts
                                    + ":1: pairs, rankings, partial orders, demonstrations or unpaired preferences are needed, but this file holds prompts");
        }
    }

    @Test
    void theContainersGiveTheSameRows() {
        String lines = PAIR + "\n" + PAIR.replace("q", "r") + "\n";
        String array = "[" + PAIR + ",\n" + PAIR.replace("q", "r") + "]";
        List<Path> files = List.of(
                Samples.bytes(directory, "a.jsonl", lines.getBytes(StandardCharsets.UTF_8)),
                Samples.bytes(directory, "b.json", array.getBytes(StandardCharsets.UTF_8)),
                Samples.bytes(directory, "c.jsonl.gz", Samples.gzip(lines)),
                Samples.bytes(directory, "d.gz", Samples.gzip(array)),
                Samples.bytes(directory, "e.jsonl", lines.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8)),
                Samples.bytes(directory, "f.jsonl", ("\uFEFF" + lines).getBytes(StandardCharsets.UTF_8)));
        for (Path file : files) {
            assertThat(Samples.rows(file))
                    .as(file.toString())
                    .containsExactly(PreferencePair.of("q", "yes", "no"), PreferencePair.of("r", "yes", "no"));
        }
    }

    @Test
    void aStreamIsReadOnce() {
        DataSource source =
                new DataSource.Stream(new ByteArrayInputStream(PAIR.getBytes(StandardCharsets.UTF_8)), "<stdin>");
        try (Rows<Row> rows = Preferences.read(source, ReadOptions.DETECT);
                Stream<Located<Row>> stream = rows.stream()) {
            assertThat(stream.map(Located::place)).containsExactly("<stdin>:1");
        }
    }

    @Test
    void anInvalidRowEndsTheReadingAtItsLine() {
        Path path = Samples.file(directory, "f.jsonl", PAIR, PAIR.replace("yes", " "), PAIR);
        try (Rows<Row> rows = Preferences.read(path)) {
            assertThat(rows.next().line()).isEqualTo(1);
            assertThatThrownBy(rows::next)
                    .isInstanceOf(DataFormatException.class)
                    .hasMessage(path + ":2: chosen is blank");
            assertThatThrownBy(rows::hasNext).hasMessage(path + ":2: chosen is blank");
        }
    }

    @Test
    void rankingsAreReadAsTheyAre() {
        Path path = Samples.file(directory, "rankings.jsonl", RANKING);
        try (Rows<Ranking> rows = Preferences.readRankings(path)) {
            assertThat(rows.next().value().levels()).extracting(List::size).containsExactly(1, 2);
            assertThat(rows.hasNext()).isFalse();
        }
    }

    @Test
    void otherKindsOfRowsAreRefusedByName() {
        Path prompts = Samples.file(directory, "prompts.jsonl", Samples.json("{'prompt':'p'}"));
        assertThatThrownBy(() -> pairs(prompts))
                .hasMessage(prompts + ":1: pairs, rankings or partial orders are needed, but this file holds prompts");
        Path pairs = Samples.file(directory, "pairs.jsonl", PAIR);
        try (Rows<Ranking> rows = Preferences.readRankings(pairs)) {
            assertThatThrownBy(rows::next).hasMessage(pairs + ":1: rankings are needed, but this file holds pairs");
        }
    }

    @Test
    void aNamedFormatIsNotDetected() {
        Path path = Samples.file(directory, "f.jsonl", Samples.json("{'prompt':'p','chosen':'p a','rejected':'p b'}"));
        try (Rows<Row> rows = Preferences.read(path, ReadOptions.of("implicit-pairs"))) {
            assertThat(rows.next().value()).isEqualTo(PreferencePair.of("p", " a", " b"));
        }
    }

    @Test
    void formatsAreToldApart() {
        assertThat(formatOf("{'prompt':'p','chosen':'a','rejected':'b'}")).isEqualTo("pairs");
        assertThat(formatOf("{'prompt':[{'role':'user','content':'p'}],'chosen':[],'rejected':[]}"))
                .isEqualTo("pairs");
        assertThat(formatOf("{'prompt':'p','chosen':[],'rejected':[],'messages':[]}"))
                .isEqualTo("implicit-pairs");
        assertThat(formatOf("{'chosen':'p a','rejected':'p b'}")).isEqualTo("implicit-pairs");
        assertThat(formatOf("{'chosen':'\\n\\nHuman: a','rejected':'\\n\\nHuman: b'}"))
                .isEqualTo("hh-rlhf");
        assertThat(formatOf("{'prompt':'p','completions':[{'text':'a'}]}")).isEqualTo("rankings");
        assertThat(formatOf("{'prompt':'p','completion':'c'}")).isEqualTo("demonstrations");
        assertThat(formatOf("{'prompt':'p','messages':[]}")).isEqualTo("demonstrations");
        assertThat(formatOf("{'text':'t'}")).isEqualTo("demonstrations");
        assertThat(formatOf("{'prompt':'p','completion':null}")).isEqualTo("prompts");
    }

    @Test
    void labelledAndSteppedRowsAreNotTakenForDemonstrations() {
        assertThat(formatOf("{'prompt':'p','completion':'c','label':false}")).isEqualTo("unpaired");
        assertThat(formatOf("{'prompt':'p','completions':['c'],'labels':[true]}"))
                .isEqualTo("stepwise");
        assertThatThrownBy(() -> formatOf("{'prompt':'p','response':'c'}"))
                .hasMessageContaining(":1: no known format fits the fields prompt, response (known: pairs, rankings, ")
                .hasMessageEndingWith("name the format to settle it (--from), or the fields (--column)");
    }

    @Test
    void rowsThatFitTwoFormatsAreAmbiguous() {
        assertThatThrownBy(() -> formatOf("{'prompt':'p','chosen':'a','rejected':'b','completions':[{}]}"))
                .hasMessageContaining(
                        ": the format is ambiguous: the first rows look like pairs and rankings; name the");
    }

    @Test
    void rowsOfDifferentFormatsAreMixed() {
        assertThatThrownBy(() -> formatOf("{'prompt':'p'}", "{'text':'t'}"))
                .hasMessageContaining(":2: rows of different formats: of the first 2 look 1 like prompts (line 1),"
                        + " 1 like demonstrations (line 2), and no format is that of three quarters; name the format");
        assertThatThrownBy(() -> formatOf(PAIR, "{'text':'t'}", PAIR, "{'question':'q'}"))
                .hasMessageContaining(":2: rows of different formats: of the first 3 look 2 like pairs (line 1),"
                        + " 1 like demonstrations (line 2), and no");
    }

    @Test
    void theFormatOfThreeQuartersIsThatOfTheFile() {
        String stray = "{'text':'t'}";
        assertThat(formatOf(stray, PAIR, PAIR, PAIR)).isEqualTo("pairs");
        assertThat(formatOf(PAIR, PAIR, PAIR, stray)).isEqualTo("pairs");
        try (Rows<Row> rows =
                Preferences.read(Samples.file(directory, "f.jsonl", PAIR, Samples.json(stray), PAIR, PAIR))) {
            rows.next();
            assertThatThrownBy(rows::next).hasMessageContaining("f.jsonl:2: field \"prompt\" is missing");
        }
    }

    @Test
    void aLargeFirstRowIsAllThatIsReadAhead() {
        String large = PAIR.replace("{", "{\"note\":\"" + "x".repeat(1 << 20) + "\",");
        String prompt = "{'prompt':'p'}";
        assertThat(formatOf(large, prompt, prompt, prompt, prompt, prompt)).isEqualTo("pairs");
        assertThat(formatOf(PAIR, prompt, prompt, prompt, prompt, prompt)).isEqualTo("prompts");
    }

    @Test
    void aRowThatFitsNothingIsLeftToTheReader() {
        assertThat(formatOf("{'prompt':'p','chosen':'a'}", PAIR)).isEqualTo("pairs");
    }

    @Test
    void laterRowsSettleWhatEarlierOnesLeaveOpen() {
        assertThat(formatOf("{'prompt':'p','chosen':'a','rejected':'b','completions':[{}]}", PAIR))
                .isEqualTo("pairs");
    }

    @Test
    void withoutAGoodRowTheFirstBadOneIsTheReason() {
        assertThatThrownBy(() -> formatOf("{'prompt':'p'", "{'prompt':"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining(":1: malformed JSON");
        assertThatThrownBy(() -> formatOf("3")).hasMessageContaining("not one of the first rows is a JSON object");
    }

    @Test
    void anEmptyFileHoldsNoRows() {
        Path path = Samples.bytes(directory, "empty.jsonl", new byte[0]);
        assertThatThrownBy(() -> Samples.rows(path)).hasMessage(path + ": holds no rows");
        assertThatThrownBy(() -> Preferences.read(path, ReadOptions.of("pairs")))
                .hasMessage(path + ": holds no rows");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path path = directory.resolve("missing.jsonl");
        assertThatThrownBy(() -> Preferences.read(path))
                .isInstanceOf(DataFormatException.class)
                .hasMessage(path + ": there is no such file");
    }

    @Test
    void chatsWithAPromptOfTheirOwnAreCutLikeTrlDoes() {
        String row = Samples.json("{'prompt':'Tea?','chosen':[{'role':'user','content':'Tea?'},"
                + "{'role':'assistant','content':'Yes.'}],'rejected':[{'role':'user','content':'Tea?'},"
                + "{'role':'assistant','content':'No.'}]}");
        PreferencePair pair = (PreferencePair)
                Samples.rows(Samples.file(directory, "f.jsonl", row)).get(0);
        assertThat(pair.prompt()).isInstanceOf(Content.Chat.class);
        assertThat(pair.chosen().toJson()).hasToString(Samples.json("[{'role':'assistant','content':'Yes.'}]"));
    }

    private String formatOf(String... rows) {
        Path path = Samples.file(
                directory, "rows.jsonl", Arrays.stream(rows).map(Samples::json).toArray(String[]::new));
        try (Rows<Row> opened = Preferences.read(path)) {
            return opened.format().name();
        }
    }

    private static List<Located<PreferencePair>> pairs(Path path) {
        try (Rows<PreferencePair> rows = Preferences.readPairs(path, PairStrategy.ALL, TiePolicy.DROP)) {
            return rows.toList();
        }
    }
}
