package org.rlhf4j.preference.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Samples;

class ColumnsTest {
    @TempDir
    private Path directory;

    @Test
    void fieldsAreRenamedBeforeTheFormatIsTold() {
        Path file = file("{'question':'p','good':'a','bad':'b'}");
        try (Rows<Row> rows = read(file, null, Map.of("prompt", "question", "chosen", "good", "rejected", "bad"))) {
            assertThat(rows.format().name()).isEqualTo("pairs");
            assertThat(rows.next().value()).isEqualTo(PreferencePair.of("p", "a", "b"));
        }
    }

    @Test
    void aFieldWhoseNameIsGivenToAnotherIsReportedAsUnused() {
        Path file = file("{'prompt':'short','full':'p','chosen':'a','rejected':'b'}");
        ReadOptions options = new ReadOptions("pairs", Map.of("prompt", "full"), Map.of());
        try (RowScanner rows = RowScanner.open(new DataSource.File(file), options)) {
            RowScanner.Scanned row = Objects.requireNonNull(rows.next());
            assertThat(row.parsed().rows()).containsExactly(PreferencePair.of("p", "a", "b"));
            assertThat(row.parsed().unused()).containsExactly("prompt (not mapped)");
        }
    }

    @Test
    void namesCanBeExchanged() {
        Path file = file("{'prompt':'p','chosen':'b','rejected':'a'}");
        try (Rows<Row> rows = read(file, "pairs", Map.of("chosen", "rejected", "rejected", "chosen"))) {
            assertThat(rows.next().value()).isEqualTo(PreferencePair.of("p", "a", "b"));
        }
    }

    @Test
    void aFieldThatIsNotThereIsAnErrorThatNamesTheOnesThatAre() {
        Path file = file("{'question':'p','good':'a'}", "{'question':'p','bad':'a'}");
        for (String from : new String[] {"pairs", ""}) {
            assertThatThrownBy(() -> read(file, from.isEmpty() ? null : from, Map.of("prompt", "Question")))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessage(file + ": there is no field \"Question\" to be taken for \"prompt\""
                            + " (the first rows have: question, good, bad)");
        }
        assertThatThrownBy(() -> new ReadOptions(null, Map.of("chosen", "x", "rejected", "x"), Map.of()))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("one field of the file cannot stand for two");
    }

    private Path file(String... rows) {
        String[] lines = new String[rows.length];
        for (int i = 0; i < rows.length; i++) {
            lines[i] = Samples.json(rows[i]);
        }
        return Samples.file(directory, "rows.jsonl", lines);
    }

    private static Rows<Row> read(Path file, @Nullable String format, Map<String, String> columns) {
        return Preferences.read(new DataSource.File(file), new ReadOptions(format, columns, Map.of()));
    }
}
