package org.rlhf4j.preference.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;

/**
 * A Parquet file as the Hugging Face hub has them: pages of zstd, lists of three levels with the names {@code list} and
 * {@code element}, every field optional. A row group has at most {@value #ROW_GROUP_BYTES} bytes, which are in memory until
 * it is written.
 */
final class ParquetRowWriter implements RowWriter {
    private static final long ROW_GROUP_BYTES = 32L << 20;
    private static final int BUFFER_BYTES = 1 << 16;

    private final OutputStream out;
    private final String file;
    private final Set<String> names = new LinkedHashSet<>();
    private @Nullable ParquetWriter<ObjectNode> writer;
    private long rows;

    ParquetRowWriter(OutputStream out, String file) {
        this.out = new BufferedOutputStream(out, BUFFER_BYTES);
        this.file = file;
    }

    @Override
    public boolean needsColumns() {
        return true;
    }

    @Override
    public void columns(List<Column> columns) {
        try {
            writer = new Builder(new Output(out), columns).build();
        } catch (IOException e) {
            throw new DataFormatException(file, 0, "cannot be written: " + e.getMessage(), e);
        }
        columns.forEach(column -> names.add(column.name()));
    }

    private record NodeLine(ObjectNode row) implements Line {}

    @Override
    public Line line(ObjectNode row) {
        return new NodeLine(row);
    }

    @Override
    public void write(Line line) throws IOException {
        ObjectNode row = ((NodeLine) line).row();
        if (writer == null) {
            throw new DataFormatException(
                    file,
                    0,
                    "these rows have no columns that are known before the first one, as Parquet needs them; write .jsonl,"
                            + " .jsonl.gz or .jsonl.zst, or make columns of them by rlhf data convert --to trl");
        }
        for (Map.Entry<String, ?> field : row.properties()) {
            if (!names.contains(field.getKey())) {
                throw new DataFormatException(
                        file,
                        0,
                        "has no column for the field \"" + field.getKey() + "\"; it has "
                                + names.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", ")));
            }
        }
        writer.write(row);
        rows++;
    }

    @Override
    public long rows() {
        return rows;
    }

    @Override
    public void finish() throws IOException {
        if (writer != null) {
            writer.close();
        }
        out.flush();
    }

    private static final class Builder extends ParquetWriter.Builder<ObjectNode, Builder> {
        private final List<Column> columns;

        Builder(OutputFile file, List<Column> columns) {
            super(file);
            this.columns = columns;
            withConf(new PlainParquetConfiguration());
            withCodecFactory(new ZstdPages());
            withCompressionCodec(CompressionCodecName.ZSTD);
            withRowGroupSize(ROW_GROUP_BYTES);
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // It is abstract, and not called.
        protected WriteSupport<ObjectNode> getWriteSupport(org.apache.hadoop.conf.Configuration configuration) {
            return new ParquetColumns(columns);
        }

        @Override
        protected WriteSupport<ObjectNode> getWriteSupport(ParquetConfiguration configuration) {
            return new ParquetColumns(columns);
        }
    }

    private record Output(OutputStream out) implements OutputFile {
        @Override
        public PositionOutputStream create(long blockSize) {
            return new Counted(out);
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSize) {
            return create(blockSize);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }

    /** Counts; the file stays open when Parquet closes it. */
    private static final class Counted extends PositionOutputStream {
        private final OutputStream out;
        private long position;

        Counted(OutputStream out) {
            this.out = out;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            position += length;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
