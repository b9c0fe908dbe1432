package org.rlhf4j.preference.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.ExpansionLimit;
import org.rlhf4j.base.JsonLine;

/**
 * A Parquet file: the line of a row is its number from 1. In memory are one page of each column, and its dictionary.
 *
 * <p>Whatever the decoders throw for a damaged file, errors of the machine among it, is a {@link DataFormatException} with
 * the row group: the headers of a file of a hundred bytes can claim any size.
 */
final class ParquetInput extends BufferedInput {
    /** What may come out of a small file before its expansion is judged. */
    private static final long FREE_BYTES = 64L << 20;

    private static final long MAX_BYTES = 1L << 40;
    private static final int MAX_EXPANSION = 200;

    private final String name;
    private final FileChannel channel;
    private final ParquetFooter footer;
    private final ExpansionLimit pagesLimit = new ExpansionLimit("Parquet data", MAX_BYTES, MAX_EXPANSION, FREE_BYTES);
    private final ExpansionLimit rowsLimit = new ExpansionLimit("Parquet data", MAX_BYTES, MAX_EXPANSION, FREE_BYTES);
    private final ParquetRow row = new ParquetRow();
    private @Nullable RecordReader<ObjectNode> reader;
    private List<ParquetPages> pages = List.of();
    private int group;
    private long leftInGroup;
    private long rowNumber;

    private ParquetInput(String name, FileChannel channel, ParquetFooter footer) {
        this.name = name;
        this.channel = channel;
        this.footer = footer;
    }

    /**
     * Opens a file.
     *
     * @param path the file
     * @param name what messages call it
     * @throws DataFormatException if its footer is damaged
     * @throws IOException if it cannot be read
     */
    static ParquetInput open(Path path, String name, OpenOption... options) throws IOException {
        OpenOption[] all = new OpenOption[options.length + 1];
        System.arraycopy(options, 0, all, 1, options.length);
        all[0] = StandardOpenOption.READ;
        FileChannel channel = FileChannel.open(path, all);
        try {
            return new ParquetInput(name, channel, ParquetFooter.read(channel));
        } catch (DataFormatException e) {
            channel.close();
            throw e;
        } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
            channel.close();
            throw new DataFormatException(name, 0, "the footer of the Parquet file is damaged: " + reason(e), e);
        }
    }

    /** Copies a stream to a temporary file, which is gone when it is closed, and opens that. */
    static ParquetInput spool(InputStream bytes, String name) throws IOException {
        Path file = Files.createTempFile("rlhf4j-", ".parquet");
        try {
            Files.copy(bytes, file, StandardCopyOption.REPLACE_EXISTING);
            return open(file, name, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    @Override
    public String file() {
        return name;
    }

    @Override
    public String container() {
        return "Parquet";
    }

    @Override
    public boolean hasColumns() {
        return true;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new DataFormatException(name, 0, "cannot be closed: " + e.getMessage(), e);
        }
    }

    @Override
    @Nullable
    JsonLine advance() {
        try {
            while (leftInGroup == 0) {
                requireExhausted();
                if (group == footer.rowGroups().size()) {
                    return null;
                }
                openGroup(footer.rowGroups().get(group++));
            }
            return next(reader);
        } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw new DataFormatException(
                    name,
                    rowNumber + 1,
                    "row group " + group + " of " + footer.rowGroups().size() + " is damaged: " + reason(e)
                            + (rowNumber == 0
                                    ? "; no row before that is complete"
                                    : "; row " + rowNumber + " is the last good one"),
                    e);
        }
    }

    private JsonLine next(@Nullable RecordReader<ObjectNode> records) throws IOException {
        if (records == null) {
            throw new IllegalStateException("no row group is open");
        }
        row.clear();
        ObjectNode value = records.read();
        if (value == null) {
            throw new IOException("a row is missing");
        }
        rowsLimit.out(row.bytes());
        leftInGroup--;
        rowNumber++;
        String problem = row.problem();
        return problem == null ? new JsonLine.Value(name, rowNumber, value) : bad(rowNumber, problem, null);
    }

    private void openGroup(RowGroup next) {
        leftInGroup = next.getNum_rows();
        pages = new ArrayList<>();
        reader = null;
        if (leftInGroup == 0) {
            return;
        }
        Map<ColumnDescriptor, PageReader> byColumn = new HashMap<>();
        List<ColumnDescriptor> columns = footer.schema().getColumns();
        for (int i = 0; i < columns.size(); i++) {
            rowsLimit.in(next.getColumns().get(i).getMeta_data().getTotal_compressed_size());
            ParquetPages column =
                    new ParquetPages(channel, next.getColumns().get(i).getMeta_data(), pagesLimit);
            pages.add(column);
            byColumn.put(columns.get(i), column);
        }
        row.clear();
        reader = new ColumnIOFactory(footer.createdBy())
                .getColumnIO(footer.schema())
                .getRecordReader(
                        new Pages(byColumn, leftInGroup), new ParquetNodes(footer.schema(), row), FilterCompat.NOOP);
    }

    /** Values that no row asked for would be dropped without a word. */
    private void requireExhausted() throws IOException {
        for (ParquetPages column : pages) {
            if (!column.isExhausted()) {
                throw new IOException("a column has more values than its rows need");
            }
        }
    }

    private static String reason(Throwable e) {
        if (e instanceof OutOfMemoryError) {
            return "it asks for more memory than there is";
        }
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        String message = cause instanceof DataFormatException known ? known.reason() : cause.getMessage();
        String line = message == null ? "" : message.lines().findFirst().orElse("");
        boolean plain = cause instanceof IOException || cause instanceof DataFormatException;
        return plain && !line.isEmpty() ? line : cause.getClass().getSimpleName() + (line.isEmpty() ? "" : ": " + line);
    }

    private record Pages(Map<ColumnDescriptor, PageReader> byColumn, long rows) implements PageReadStore {
        @Override
        public PageReader getPageReader(ColumnDescriptor column) {
            PageReader reader = byColumn.get(column);
            if (reader == null) {
                throw new UncheckedIOException(new IOException("a column is missing"));
            }
            return reader;
        }

        @Override
        public long getRowCount() {
            return rows;
        }
    }
}
