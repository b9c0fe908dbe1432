package org.rlhf4j.preference.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.convert.ConversionReport;
import org.rlhf4j.preference.convert.DataConversion;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.statistics.DataStatistics;
import org.rlhf4j.preference.statistics.StatisticsReport;

/** Files much larger than the heap are converted, checked and summed up, in a JVM of their own with a small heap. */
class BoundedMemoryTest {
    @Test
    void filesLargerThanTheHeapPass() throws Exception {
        assertThat(run("-Xmx24m", 60_000)).isZero();
    }

    @Test
    @Tag("slow")
    void aGigabytePassesWith64Megabytes() throws Exception {
        assertThat(run("-Xmx64m", SmallHeap.ROWS_OF_A_GIGABYTE)).isZero();
    }

    private static int run(String heap, long rows) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath = System.getProperty("java.class.path");
        return new ProcessBuilder(java, heap, "-cp", classPath, SmallHeap.class.getName(), Long.toString(rows))
                .inheritIO()
                .start()
                .waitFor();
    }

    /** What runs in the small heap; ends with an exception, and so a code that is not 0, when anything is not as expected. */
    static final class SmallHeap {
        static final long ROWS_OF_A_GIGABYTE = 970_000;
        private static final String FILLER = "lorem ipsum dolor sit amet ".repeat(13);

        private SmallHeap() {}

        public static void main(String[] args) throws IOException {
            long rows = Long.parseLong(args[0]);
            CheckReport check = DataCheck.check(List.of(source(rows)), ReadOptions.DETECT);
            // Every thousandth row repeats the one before it.
            require(check.findings().size() == 1);
            require(check.findings().get(0).rule() == Rule.DUPLICATE_ROW);
            require(check.findings().get(0).count() == (rows - 1) / 1000);
            ConversionReport converted = new DataConversion(ReadOptions.DETECT, null, false)
                    .run(List.of(source(rows)), RowWriter.plain(OutputStream.nullOutputStream()));
            require(converted.rowsOut() == rows);
            StatisticsReport statistics = DataStatistics.of(source(rows), ReadOptions.DETECT);
            require(statistics.prompts() == rows - (rows - 1) / 1000);
        }

        private static void require(boolean holds) {
            if (!holds) {
                throw new IllegalStateException("not as expected");
            }
        }

        private static DataSource source(long rows) {
            return new DataSource.Stream(new Generated(rows), "generated");
        }
    }

    /** Pairs of about 1.1 kilobytes, made as they are read. */
    private static final class Generated extends InputStream {
        private final long rows;
        private byte[] row = {};
        private int at;
        private long made;

        Generated(long rows) {
            this.rows = rows;
        }

        @Override
        public int read() {
            return fill() ? row[at++] & 0xFF : -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            if (!fill()) {
                return -1;
            }
            int n = Math.min(length, row.length - at);
            System.arraycopy(row, at, bytes, offset, n);
            at += n;
            return n;
        }

        private boolean fill() {
            if (at == row.length && made < rows) {
                long number = made > 0 && made % 1000 == 0 ? made - 1 : made;
                String text = number + " " + SmallHeap.FILLER;
                row = ("{\"prompt\":\"Q " + text + "\",\"chosen\":\"A " + text + "\",\"rejected\":\"B " + text
                                + "\"}\n")
                        .getBytes(StandardCharsets.UTF_8);
                at = 0;
                made++;
            }
            return at < row.length;
        }
    }
}
