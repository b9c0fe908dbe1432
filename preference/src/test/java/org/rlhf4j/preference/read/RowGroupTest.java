package org.rlhf4j.preference.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Collections;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Samples;

class RowGroupTest {
    private final Path directory;

    RowGroupTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void asManyRowsAsAreAllowedBelongTogether() {
        try (RowScanner scanner = scanner(new RowGroup.Limits(4, 1 << 20), 3, 4)) {
            assertThat(scanner.next())
                    .isNotNull()
                    .satisfies(group -> assertThat(group.count()).isEqualTo(3));
            assertThat(scanner.next())
                    .isNotNull()
                    .satisfies(group -> assertThat(group.count()).isEqualTo(4));
            assertThat(scanner.next()).isNull();
        }
    }

    @Test
    void oneRowMoreIsRefusedAndNotAnotherGroup() {
        try (RowScanner scanner = scanner(new RowGroup.Limits(4, 1 << 20), 3, 5, 1)) {
            assertThat(scanner.next()).isNotNull();
            // Rows 4 to 8 have one prompt; asking again does not get behind it.
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(scanner::next)
                        .isInstanceOf(DataFormatException.class)
                        .hasMessage(directory.resolve("rows.jsonl")
                                + ":8: belongs to the rows from line 4 on, and no more than 4 rows may belong together;"
                                + " leave some of them out, or name another format if they do not");
            }
        }
    }

    @Test
    void rowsThatAreTooLongTogetherAreRefused() {
        // A row has an object and five values of 32 characters, and 1 and 100 characters of text.
        long row = 6 * 32 + 101;
        try (RowScanner scanner = scanner(new RowGroup.Limits(100, 3 * row), 3)) {
            assertThat(scanner.next()).isNotNull();
            assertThat(scanner.next()).isNull();
        }
        try (RowScanner scanner = scanner(new RowGroup.Limits(100, 3 * row - 1), 3)) {
            assertThatThrownBy(scanner::next)
                    .hasMessageContaining("rows.jsonl:3: belongs to the rows from line 1 on, and no more than "
                            + (3 * row - 1) + " characters may belong together");
        }
    }

    /** Rows of several prompts, of each as many as said. */
    private RowScanner scanner(RowGroup.Limits limits, int... counts) {
        String[] rows = IntStream.range(0, counts.length)
                .boxed()
                .flatMap(prompt -> Collections.nCopies(counts[prompt], row(prompt)).stream())
                .toArray(String[]::new);
        return RowScanner.open(
                new DataSource.File(Samples.file(directory, "rows.jsonl", rows)), ReadOptions.DETECT, limits);
    }

    private static String row(int prompt) {
        return Samples.json("{'prompt':'" + prompt + "','response':'" + "x".repeat(100)
                + "','helpfulness':1,'correctness':1,'coherence':1}");
    }
}
