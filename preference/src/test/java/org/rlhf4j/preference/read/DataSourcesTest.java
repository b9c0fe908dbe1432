package org.rlhf4j.preference.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Row;

final class DataSourcesTest {
    private final Path directory;

    DataSourcesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @BeforeEach
    void writeShards() throws IOException {
        Files.createDirectories(directory.resolve("within/.cache"));
        for (String name : List.of(
                "train-00001-of-00002.jsonl",
                "train-00000-of-00002.jsonl",
                "other.csv.gz",
                "README.md",
                "dataset_info.json",
                ".hidden.jsonl",
                "within/deep.jsonl",
                "within/.cache/hidden.jsonl")) {
            Files.writeString(directory.resolve(name), "{\"prompt\":\"" + name + "\"}\n");
        }
    }

    @Test
    void aDirectoryStandsForItsDataFilesInOrder() {
        assertThat(names(directory.toString()))
                .containsExactly("other.csv.gz", "train-00000-of-00002.jsonl", "train-00001-of-00002.jsonl");
    }

    @Test
    void aGlobStandsForWhatItMatches() {
        assertThat(names(directory + "/train-*.jsonl"))
                .containsExactly("train-00000-of-00002.jsonl", "train-00001-of-00002.jsonl");
        assertThat(names(directory + "/**.jsonl"))
                .containsExactly("train-00000-of-00002.jsonl", "train-00001-of-00002.jsonl", "within/deep.jsonl");
        assertThat(names(directory + "/{other,with}*")).containsExactly("other.csv.gz");
        assertThat(names(directory + "/*/d??p.jsonl")).containsExactly("within/deep.jsonl");
    }

    @Test
    void whatMatchesNothingIsRefused() {
        assertThatThrownBy(() -> DataSources.of(directory + "/*.parquet"))
                .isInstanceOf(DataFormatException.class)
                .hasMessage(directory + "/*.parquet: matches no file");
        assertThatThrownBy(() -> DataSources.of(directory + "/none/*.parquet"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("matches no file");
        assertThatThrownBy(() -> DataSources.of(directory + "/[")).hasMessageContaining("is no glob");
        assertThatThrownBy(() -> DataSources.of(
                        Files.createDirectory(directory.resolve("empty")).toString()))
                .hasMessageStartingWith(directory + "/empty: is a directory without data files of its own");
    }

    @Test
    void aFileMayHaveTheNameOfAGlob() throws IOException {
        Path odd = Files.writeString(directory.resolve("a[1].jsonl"), "{\"prompt\":\"p\"}\n");
        assertThat(DataSources.of(odd.toString())).containsExactly(new DataSource.File(odd));
    }

    @Test
    void joinedFilesAreReadOneAfterTheOtherWithTheirOwnPlaces() {
        DataSource joined = DataSources.joined(directory + "/train-*.jsonl");
        try (Rows<Row> rows = Preferences.read(joined, ReadOptions.DETECT)) {
            assertThat(rows.toList())
                    .extracting(Located::place)
                    .containsExactly(
                            directory + "/train-00000-of-00002.jsonl:1", directory + "/train-00001-of-00002.jsonl:1");
        }
    }

    private List<String> names(String name) {
        return DataSources.of(name).stream()
                .map(source -> directory.relativize(Path.of(source.name())).toString())
                .toList();
    }
}
