package org.rlhf4j.preference.container;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;

/**
 * What the end of a Parquet file says about the rest of it, checked against the size of the file before anything is made
 * of it.
 *
 * @param schema the columns
 * @param rowGroups where the pages of each row group stand
 * @param createdBy what wrote the file; null if it does not say
 * @param end where the pages end
 */
record ParquetFooter(
        MessageType schema,
        List<RowGroup> rowGroups,
        @Nullable String createdBy,
        long end) {
    private static final int MAGIC_LENGTH = 4;
    private static final int TAIL_LENGTH = 2 * MAGIC_LENGTH;
    private static final int MAGIC = 'P' | 'A' << 8 | 'R' << 16 | '1' << 24;
    private static final int MAX_LENGTH = 64 << 20;
    private static final int MAX_DEPTH = 64;
    private static final int MAX_ELEMENTS = 1 << 14;

    /**
     * Reads it.
     *
     * @throws DataFormatException without a place, if it is damaged
     * @throws IOException if it cannot be read
     */
    static ParquetFooter read(FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < MAGIC_LENGTH + TAIL_LENGTH) {
            throw cutOff();
        }
        ByteBuffer tail = bytes(channel, size - TAIL_LENGTH, TAIL_LENGTH);
        int length = tail.getInt();
        if (tail.getInt() != MAGIC) {
            throw cutOff();
        }
        if (length < 0 || length > MAX_LENGTH || length > size - MAGIC_LENGTH - TAIL_LENGTH) {
            throw new DataFormatException("the Parquet file is damaged: its footer of "
                    + Integer.toUnsignedString(length) + " bytes does not fit into it");
        }
        long end = size - TAIL_LENGTH - length;
        FileMetaData data = Util.readFileMetaData(
                new ByteArrayInputStream(bytes(channel, end, length).array()), length);
        requireFlatEnough(data.getSchema());
        List<RowGroup> groups = data.getRow_groups();
        data.setRow_groups(List.of());
        MessageType schema = new ParquetMetadataConverter()
                .fromParquetMetadata(data)
                .getFileMetaData()
                .getSchema();
        requireNames(schema);
        long rows = 0;
        for (int i = 0; i < groups.size(); i++) {
            requireWhole(groups.get(i), i + 1, schema, end);
            rows = Math.addExact(rows, groups.get(i).getNum_rows());
        }
        if (rows != data.getNum_rows()) {
            throw new DataFormatException("the Parquet file is damaged: its footer counts " + data.getNum_rows()
                    + " rows, its row groups " + rows);
        }
        return new ParquetFooter(schema, groups, data.getCreated_by(), end);
    }

    /** Where the first page of a column chunk stands. */
    static long start(ColumnMetaData column) {
        long first = column.getData_page_offset();
        long dictionary = column.getDictionary_page_offset();
        return column.isSetDictionary_page_offset() && dictionary > 0 ? Math.min(dictionary, first) : first;
    }

    private static ByteBuffer bytes(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
        }
        return bytes.flip();
    }

    private static DataFormatException cutOff() {
        return new DataFormatException("the Parquet file is cut off: it does not end as one");
    }

    /** The schema is a tree in prefix order; it is turned into one by recursion, which must not go too deep. */
    private static void requireFlatEnough(List<SchemaElement> elements) {
        if (elements.size() > MAX_ELEMENTS) {
            throw new DataFormatException("the Parquet schema has more than " + MAX_ELEMENTS + " columns and groups");
        }
        Deque<Integer> open = new ArrayDeque<>();
        for (SchemaElement element : elements) {
            while (!open.isEmpty() && open.getLast() == 0) {
                open.removeLast();
            }
            if (!open.isEmpty()) {
                open.addLast(open.removeLast() - 1);
            }
            open.addLast(Math.max(0, element.getNum_children()));
            if (open.size() > MAX_DEPTH) {
                throw new DataFormatException("the Parquet schema is nested deeper than " + MAX_DEPTH + " levels");
            }
        }
    }

    private static void requireNames(GroupType group) {
        if (group.getFieldCount() == 0) {
            throw new DataFormatException(
                    "the Parquet schema has a group without columns: \"" + group.getName() + "\"");
        }
        Set<String> names = new HashSet<>();
        for (Type field : group.getFields()) {
            if (!names.add(field.getName())) {
                throw new DataFormatException("the Parquet schema names \"" + field.getName() + "\" twice");
            }
            if (!field.isPrimitive()) {
                requireNames(field.asGroupType());
            }
        }
    }

    private static void requireWhole(RowGroup group, int number, MessageType schema, long end) {
        List<ColumnDescriptor> columns = schema.getColumns();
        List<ColumnChunk> chunks = group.getColumns();
        if (group.getNum_rows() < 0 || chunks.size() != columns.size()) {
            throw damaged(
                    number,
                    "has " + group.getNum_rows() + " rows in " + chunks.size() + " of " + columns.size() + " columns");
        }
        for (int i = 0; i < chunks.size(); i++) {
            String problem = problem(columns.get(i), chunks.get(i), group.getNum_rows(), end);
            if (!problem.isEmpty()) {
                throw damaged(
                        number,
                        "the column \"" + String.join(".", columns.get(i).getPath()) + "\" " + problem);
            }
        }
    }

    /** Why a column of a row group cannot be read, as a clause; empty if it can. */
    private static String problem(ColumnDescriptor column, ColumnChunk chunk, long rows, long end) {
        ColumnMetaData meta = chunk.getMeta_data();
        if (chunk.isSetFile_path()) {
            return "stands in another file";
        }
        if (meta == null || chunk.isSetCrypto_metadata()) {
            return "is encrypted or not described";
        }
        CompressionCodec codec = meta.getCodec();
        if (codec == null || !ParquetCodec.isKnown(codec)) {
            return "is compressed by " + String.valueOf(codec).toLowerCase(Locale.ROOT)
                    + "; read are uncompressed, snappy, gzip, zstd and lz4_raw";
        }
        long start = start(meta);
        long length = meta.getTotal_compressed_size();
        if (start < MAGIC_LENGTH || length < 0 || start > end || length > end - start) {
            return "lies outside the file (" + length + " bytes at " + start + ")";
        }
        String type = column.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY
                ? "BYTE_ARRAY"
                : column.getPrimitiveType().getPrimitiveTypeName().name();
        if (!Arrays.asList(column.getPath()).equals(meta.getPath_in_schema())
                || !type.equals(String.valueOf(meta.getType()))) {
            return "is not the one of the schema";
        }
        boolean flat = column.getMaxRepetitionLevel() == 0;
        if (flat ? meta.getNum_values() != rows : meta.getNum_values() < rows) {
            return "has " + meta.getNum_values() + " values for " + rows + " rows";
        }
        return "";
    }

    private static DataFormatException damaged(int number, String what) {
        return new DataFormatException("row group " + number + " of the Parquet file cannot be read: " + what);
    }
}
