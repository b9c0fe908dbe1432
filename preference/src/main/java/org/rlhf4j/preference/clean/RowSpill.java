package org.rlhf4j.preference.clean;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.format.ParsedRow;
import org.rlhf4j.preference.format.RowFormat;

/**
 * Rows put aside in a temporary file, in their order and with their places. The file has the size of the rows as canonical
 * JSON, no use after a crash, and is deleted on close.
 */
final class RowSpill implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final FileChannel channel;
    private final DataOutputStream out;
    private final List<String> files = new ArrayList<>();

    /** Receives the rows. */
    @FunctionalInterface
    interface Visitor {
        void visit(Located<Row> row) throws IOException;
    }

    RowSpill() throws IOException {
        Path file = Files.createTempFile("rlhf4j-", ".rows");
        channel = FileChannel.open(
                file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES));
    }

    void add(Located<Row> row) throws IOException {
        if (files.isEmpty() || !files.get(files.size() - 1).equals(row.file())) {
            files.add(row.file());
        }
        byte[] json = Json.write(row.value().toJson()).getBytes(StandardCharsets.UTF_8);
        out.writeInt(files.size() - 1);
        out.writeLong(row.line());
        out.writeUTF(row.value().kind().name());
        out.writeInt(json.length);
        out.write(json);
    }

    /** Passes all rows; none can be added afterwards. */
    void forEach(Visitor visitor) throws IOException {
        out.writeInt(-1);
        out.flush();
        channel.position(0);
        DataInputStream in =
                new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel), BUFFER_BYTES));
        for (int file = in.readInt(); file >= 0; file = in.readInt()) {
            long line = in.readLong();
            Row.Kind kind = Row.Kind.valueOf(in.readUTF());
            byte[] json = in.readNBytes(in.readInt());
            visitor.visit(new Located<>(files.get(file), line, row(kind, json)));
        }
    }

    private static Row row(Row.Kind kind, byte[] json) {
        for (RowFormat format : RowFormat.all()) {
            // The first format of a kind is the canonical one: what its rows write it reads.
            if (format.kind() == kind) {
                ParsedRow parsed = format.parse((ObjectNode) Json.parse(json));
                if (parsed.rows().size() == 1) {
                    return parsed.rows().get(0);
                }
                throw new IllegalStateException("a row that was put aside cannot be read: " + parsed.problems());
            }
        }
        throw new IllegalStateException("no format reads " + kind.plural());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
