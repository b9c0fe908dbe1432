package org.rlhf4j.preference.container;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.InterningProtocol;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.ExpansionLimit;
import shaded.parquet.org.apache.thrift.TConfiguration;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.transport.TIOStreamTransport;

/**
 * The pages of one column of one row group, read one at a time; Parquet's own reader holds the whole row group. What a
 * header claims is believed only as far as the bytes behind it allow.
 */
final class ParquetPages implements PageReader {
    private static final int MAX_HEADER = 1 << 20;
    private static final int MAX_PAGE = 256 << 20;

    private final ColumnMetaData column;
    private final ChunkStream chunk;
    private final InputStream in;
    private final InterningProtocol headers;
    private final ExpansionLimit limit;
    private @Nullable PageHeader peeked;
    private long values;

    ParquetPages(FileChannel channel, ColumnMetaData column, ExpansionLimit limit) {
        this.column = column;
        this.limit = limit;
        this.chunk = new ChunkStream(channel, ParquetFooter.start(column), column.getTotal_compressed_size());
        this.in = new BufferedInputStream(chunk);
        try {
            TConfiguration small = new TConfiguration(MAX_HEADER, MAX_HEADER, TConfiguration.DEFAULT_RECURSION_DEPTH);
            this.headers = new InterningProtocol(new TCompactProtocol(new TIOStreamTransport(small, in)));
        } catch (TException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public long getTotalValueCount() {
        return column.getNum_values();
    }

    /** Whether all values were handed out. */
    boolean isExhausted() {
        return values == column.getNum_values();
    }

    @Override
    public @Nullable DictionaryPage readDictionaryPage() {
        try {
            PageHeader header = header();
            if (header.getType() != PageType.DICTIONARY_PAGE) {
                peeked = header;
                return null;
            }
            DictionaryPageHeader dictionary = required(header.getDictionary_page_header());
            byte[] page = ParquetCodec.expand(codec(), body(header), 0, header.getUncompressed_page_size());
            int entries = dictionary.getNum_values();
            if (entries < 0 || entries > page.length) {
                throw new IOException("a dictionary of " + page.length + " bytes says it has " + entries + " entries");
            }
            return new DictionaryPage(BytesInput.from(page), entries, encoding(dictionary.getEncoding()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public DataPage readPage() {
        try {
            while (true) {
                if (isExhausted()) {
                    throw new EOFException("a column has fewer values than its rows need");
                }
                PageHeader header = peeked == null ? header() : peeked;
                peeked = null;
                DataPage page = page(header);
                if (page != null && page.getValueCount() > 0) {
                    values += page.getValueCount();
                    if (values > column.getNum_values()) {
                        throw new IOException(
                                "the pages of a column have more values than its " + column.getNum_values());
                    }
                    return page;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A page of data; null for a page of another kind, which is passed over. */
    private @Nullable DataPage page(PageHeader header) throws IOException {
        byte[] body = body(header);
        int size = header.getUncompressed_page_size();
        if (header.getType() == PageType.DATA_PAGE) {
            DataPageHeader data = required(header.getData_page_header());
            return new DataPageV1(
                    BytesInput.from(ParquetCodec.expand(codec(), body, 0, size)),
                    natural(data.getNum_values()),
                    size,
                    null,
                    encoding(data.getRepetition_level_encoding()),
                    encoding(data.getDefinition_level_encoding()),
                    encoding(data.getEncoding()));
        }
        if (header.getType() != PageType.DATA_PAGE_V2) {
            return null;
        }
        DataPageHeaderV2 data = required(header.getData_page_header_v2());
        int repetitions = natural(data.getRepetition_levels_byte_length());
        int definitions = natural(data.getDefinition_levels_byte_length());
        long levels = (long) repetitions + definitions;
        if (levels > body.length || levels > size) {
            throw new IOException("the levels of a page are larger than the page");
        }
        CompressionCodec codec =
                data.isSetIs_compressed() && !data.isIs_compressed() ? CompressionCodec.UNCOMPRESSED : codec();
        byte[] content = ParquetCodec.expand(codec, body, (int) levels, size - (int) levels);
        return DataPageV2.uncompressed(
                natural(data.getNum_rows()),
                natural(data.getNum_nulls()),
                natural(data.getNum_values()),
                BytesInput.from(body, 0, repetitions),
                BytesInput.from(body, repetitions, definitions),
                encoding(data.getEncoding()),
                BytesInput.from(content),
                null);
    }

    private PageHeader header() throws IOException {
        PageHeader header = new PageHeader();
        try {
            header.read(headers);
        } catch (TException e) {
            throw new IOException("the header of a page is damaged: " + e.getMessage(), e);
        }
        return header;
    }

    /** The bytes behind a header, as they stand in the file. */
    private byte[] body(PageHeader header) throws IOException {
        int length = natural(header.getCompressed_page_size());
        int size = natural(header.getUncompressed_page_size());
        if (length > chunk.left() + in.available() || size > MAX_PAGE) {
            throw new IOException("a page of " + length + " bytes (" + size
                    + " uncompressed) does not fit into its column or is larger than " + MAX_PAGE + " bytes");
        }
        limit.in(length);
        limit.out(size);
        byte[] body = in.readNBytes(length);
        if (body.length != length) {
            throw new EOFException("a page is cut off");
        }
        if (header.isSetCrc()) {
            CRC32 crc = new CRC32();
            crc.update(body);
            if ((int) crc.getValue() != header.getCrc()) {
                throw new IOException("a page has the wrong checksum");
            }
        }
        return body;
    }

    private CompressionCodec codec() throws IOException {
        return required(column.getCodec());
    }

    private static Encoding encoding(org.apache.parquet.format.@Nullable Encoding encoding) throws IOException {
        return Encoding.valueOf(required(encoding).name());
    }

    private static int natural(int number) throws IOException {
        if (number < 0) {
            throw new IOException("the header of a page holds a negative size");
        }
        return number;
    }

    private static <T> T required(@Nullable T value) throws IOException {
        if (value == null) {
            throw new IOException("the header of a page lacks a part or holds an unknown value");
        }
        return value;
    }

    /** The bytes of the column, wherever the channel stands. */
    private static final class ChunkStream extends InputStream {
        private final FileChannel channel;
        private long position;
        private final long end;

        ChunkStream(FileChannel channel, long start, long length) {
            this.channel = channel;
            this.position = start;
            this.end = start + length;
        }

        long left() {
            return end - position;
        }

        @Override
        public int available() {
            return 0;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (position == end) {
                return -1;
            }
            int most = (int) Math.min(length, end - position);
            int count = channel.read(ByteBuffer.wrap(target, offset, most), position);
            position += Math.max(0, count);
            return count;
        }
    }
}
