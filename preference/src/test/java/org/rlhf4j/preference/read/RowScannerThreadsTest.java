package org.rlhf4j.preference.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.preference.check.DataCheck;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.convert.DataConversion;

/** What several threads read is what one thread reads, row by row. */
class RowScannerThreadsTest {
    private static final String PROPERTY = "rlhf4j.threads";

    @AfterEach
    void asBefore() {
        System.clearProperty(PROPERTY);
    }

    @Test
    void everyNumberOfThreadsGivesTheSameRowsInTheSameOrder() {
        byte[] data = rows(3_000);
        List<String> expected = oneByOne(data);
        assertThat(expected).hasSize(3_000).anyMatch(row -> row.contains("MALFORMED_JSON"));
        for (int threads = 1; threads <= 8; threads++) {
            assertThat(together(data, threads)).as("%d threads", threads).isEqualTo(expected);
        }
    }

    @Test
    void damageAtAnyPlaceComesAfterTheRowsBeforeItAndSaysTheSame() {
        byte[] data = rows(1_500);
        SeededStream draws = SeededStream.of(3);
        for (int i = 0; i < 40; i++) {
            int end = i == 0 ? 0 : draws.nextInt(data.length);
            List<String> expected = oneByOne(failing(data, end));
            assertThat(expected.get(expected.size() - 1)).contains("cannot be read: broken pipe");
            assertThat(together(failing(data, end), 1 + i % 4))
                    .as("damage at %d", end)
                    .isEqualTo(expected);
        }
    }

    @Test
    void threadsEndWithTheReadingHoweverItEnds() throws InterruptedException {
        byte[] data = rows(3_000);
        Set<Thread> before = threads();
        together(data, 4);
        requireOnly(before);
        System.setProperty(PROPERTY, "4");
        for (int at : new int[] {0, 1, 700, 2_999}) {
            int[] seen = new int[1];
            assertThatThrownBy(() -> forEach(new ByteArrayInputStream(data), (row, line) -> {
                        if (seen[0]++ == at) {
                            throw new IOException("the disk is full");
                        }
                    }))
                    .hasMessage("the disk is full");
            assertThat(seen[0]).isEqualTo(at + 1);
            requireOnly(before);
        }
    }

    @Test
    void whatFailsInAThreadIsThrownAfterTheRowsOfTheBatchesBefore() {
        byte[] data = rows(3_000);
        System.setProperty(PROPERTY, "4");
        List<Long> seen = new ArrayList<>();
        assertThatThrownBy(() -> {
                    try (RowScanner scanner = open(new ByteArrayInputStream(data))) {
                        scanner.forEach(
                                row -> {
                                    if (row.line() == 2_000) {
                                        throw new IllegalStateException("row 2000");
                                    }
                                    return row.line();
                                },
                                (row, line) -> seen.add(line));
                    }
                })
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("row 2000");
        assertThat(seen).isSorted().doesNotHaveDuplicates().hasSizeBetween(1_000, 1_999);
    }

    @Test
    void severalThreadsAreUsedForManyRowsAndOneForFew() {
        System.setProperty(PROPERTY, "3");
        Set<String> few = ConcurrentHashMap.newKeySet();
        prepare(rows(50), few);
        assertThat(few).containsExactly(Thread.currentThread().getName());
        Set<String> many = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 100 && many.size() < 2; i++) {
            prepare(rows(3_000), many);
        }
        assertThat(many).anyMatch(name -> name.startsWith("rlhf4j-rows-"));
    }

    @Test
    void aCheckAndAConversionDoNotDependOnTheNumberOfThreads() throws IOException {
        byte[] data = rows(3_000);
        System.setProperty(PROPERTY, "1");
        String check = DataCheck.check(List.of(source(data), source(data)), ReadOptions.DETECT)
                .toString();
        byte[] converted = converted(data);
        assertThat(check).contains("DUPLICATE_ROW", "PROMPT_OVERLAP");
        assertThat(converted).hasSizeGreaterThan(data.length / 2);
        for (String threads : List.of("2", "3", "8")) {
            System.setProperty(PROPERTY, threads);
            assertThat(DataCheck.check(List.of(source(data), source(data)), ReadOptions.DETECT)
                            .toString())
                    .isEqualTo(check);
            assertThat(converted(data)).isEqualTo(converted);
        }
    }

    @Test
    void aNumberOfThreadsThatIsNoneIsRefused() {
        System.setProperty(PROPERTY, "many");
        assertThatThrownBy(() -> together(rows(1), "many"))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("the number of threads is \"many\", must be an integer from 1 on");
    }

    /** A thread that has nothing to do any more may take a moment to end. */
    private static void requireOnly(Set<Thread> before) throws InterruptedException {
        for (Thread thread : threads()) {
            if (!before.contains(thread)) {
                thread.join(10_000);
                assertThat(thread.isAlive()).isFalse();
            }
        }
    }

    /** Rows of very different lengths, good and bad, in blank lines. */
    private static byte[] rows(int count) {
        SeededStream draws = SeededStream.of(5, "rows");
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            String filler = "\u00e9 word ".repeat(draws.nextInt(draws.nextInt(100) == 0 ? 3_000 : 60));
            switch (i < 20 ? 9 : draws.nextInt(20)) {
                case 0 -> text.append("{\"prompt\":\"p\",\"chosen\":");
                case 1 -> text.append("[1,2]");
                case 2 -> text.append("{\"prompt\":\" \",\"chosen\":\"a\",\"rejected\":\"b\"}");
                case 3 -> text.append("{\"prompt\":\"p\",\"chosen\":\"\\ud800\",\"rejected\":\"b\"}");
                case 4 -> text.append("{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\",\"margin\":1e-3}\r");
                default ->
                    text.append("{\"prompt\":\"p")
                            .append(i)
                            .append(filler)
                            .append("\",\"chosen\":\"a\\n")
                            .append(filler)
                            .append("\",\"rejected\":\"b\"}");
            }
            text.append('\n');
            if (draws.nextInt(10) == 0) {
                text.append(" \n");
            }
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static InputStream failing(byte[] data, int end) {
        return new InputStream() {
            private int at;

            @Override
            public int read() throws IOException {
                if (at == end) {
                    throw new IOException("broken pipe");
                }
                return data[at++] & 0xFF;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (at == end) {
                    throw new IOException("broken pipe");
                }
                int count = Math.min(length, end - at);
                System.arraycopy(data, at, target, offset, count);
                at += count;
                return count;
            }
        };
    }

    private static List<String> oneByOne(byte[] data) {
        return oneByOne(new ByteArrayInputStream(data));
    }

    private static List<String> oneByOne(InputStream data) {
        List<String> rows = new ArrayList<>();
        try (RowScanner scanner = open(data)) {
            for (RowScanner.Scanned row = scanner.next(); row != null; row = scanner.next()) {
                rows.add(row.toString());
            }
        } catch (DataFormatException e) {
            rows.add(e.getMessage());
        }
        return rows;
    }

    private static List<String> together(byte[] data, Object threads) {
        return together(new ByteArrayInputStream(data), threads);
    }

    private static List<String> together(InputStream data, Object threads) {
        System.setProperty(PROPERTY, threads.toString());
        List<String> rows = new ArrayList<>();
        try {
            forEach(data, (row, text) -> rows.add(text));
        } catch (DataFormatException e) {
            if (threads instanceof String) {
                throw e;
            }
            rows.add(e.getMessage());
        }
        return rows;
    }

    private static <X extends Exception> void forEach(InputStream data, RowScanner.Receiver<String, X> receiver)
            throws X {
        try (RowScanner scanner = open(data)) {
            scanner.forEach(RowScanner.Scanned::toString, receiver);
        }
    }

    private static void prepare(byte[] data, Set<String> names) {
        try (RowScanner scanner = open(new ByteArrayInputStream(data))) {
            scanner.forEach(row -> names.add(Thread.currentThread().getName()), (row, added) -> {});
        }
    }

    private static byte[] converted(byte[] data) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new DataConversion(ReadOptions.DETECT, null, true).run(List.of(source(data)), RowWriter.plain(out));
        return out.toByteArray();
    }

    private static RowScanner open(InputStream data) {
        return RowScanner.open(new DataSource.Stream(data, "rows"), ReadOptions.of("pairs"));
    }

    private static DataSource source(byte[] data) {
        return new DataSource.Stream(new ByteArrayInputStream(data), "rows");
    }

    private static Set<Thread> threads() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("rlhf4j-rows-"))
                .forEach(threads::add);
        return threads;
    }
}
