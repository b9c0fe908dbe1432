package org.rlhf4j.preference.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.ByteSource;
import org.rlhf4j.base.DataFile;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonLine;
import org.rlhf4j.base.RowBuffer;
import org.rlhf4j.base.Utf8;

/**
 * A table with a header: CSV, TSV and the like (RFC 4180). A cell becomes a {@link CellNode}, an empty one is absent; an
 * empty line is no row; a lone CR ends none and must be quoted. A first column without a name, the index of pandas, is called {@value #INDEX}, as pandas and
 * {@code datasets} call it.
 */
final class TableInput extends BufferedInput {
    private static final String INDEX = "Unnamed: 0";

    private final DataFile data;
    private final ByteSource source;
    private final Delimiter delimiter;
    private final RowBuffer buffer = new RowBuffer(Json.Size.ROW.maxBytes());
    private final List<String> columns;
    private long line;
    private boolean openQuote;
    private boolean loneReturn;

    /**
     * Reads the header.
     *
     * @throws DataFormatException if there is none that can be used
     */
    TableInput(DataFile data, ByteSource source, Delimiter delimiter) throws IOException {
        this.data = data;
        this.source = source;
        this.delimiter = delimiter;
        this.columns = header();
    }

    @Override
    public String file() {
        return data.name();
    }

    @Override
    public String container() {
        return Containers.packed(delimiter.container(), data);
    }

    @Override
    public boolean hasColumns() {
        return true;
    }

    @Override
    public void close() {
        data.close();
    }

    private List<String> header() throws IOException {
        String record = "";
        while (record.isEmpty()) {
            if (!readRecord()) {
                return List.of();
            }
            try {
                record = record();
            } catch (DataFormatException e) {
                throw e.at(file(), line);
            }
        }
        List<String> names;
        try {
            names = delimiter.cells(record);
        } catch (DataFormatException e) {
            throw e.at(file(), line);
        }
        String problem = Delimiter.headerProblem(names);
        if (!problem.isEmpty()) {
            throw new DataFormatException(file(), line, problem);
        }
        if (!names.get(0).isBlank()) {
            return names;
        }
        names = new ArrayList<>(names);
        names.set(0, INDEX);
        return names;
    }

    @Override
    @Nullable
    JsonLine advance() throws IOException {
        while (true) {
            try {
                if (!readRecord()) {
                    return null;
                }
            } catch (IOException e) {
                throw new DataFormatException(file(), line, "cannot be read: " + e.getMessage(), e);
            }
            try {
                String record = record();
                if (!record.isEmpty()) {
                    return new JsonLine.Value(file(), line, row(delimiter.cells(record)));
                }
            } catch (DataFormatException e) {
                return bad(line, e.reason(), e.getCause());
            }
        }
    }

    private ObjectNode row(List<String> cells) {
        if (cells.size() != columns.size()) {
            throw new DataFormatException(
                    "has " + cells.size() + " cells where the header has " + columns.size() + " columns");
        }
        ObjectNode row = Json.object();
        for (int i = 0; i < cells.size(); i++) {
            if (!cells.get(i).isEmpty()) {
                row.set(columns.get(i), new CellNode(cells.get(i)));
            }
        }
        return row;
    }

    private String record() {
        if (loneReturn) {
            throw new DataFormatException(
                    "a carriage return (CR) stands outside quotes: lines must end with LF or CR LF;"
                            + " convert them, or quote the cell");
        }
        byte[] record = buffer.row();
        if (record == null) {
            throw new DataFormatException("the row is longer than " + Json.Size.ROW.maxBytes() + " bytes"
                    + (openQuote ? ": a quote is opened in it and never closed" : ""));
        }
        if (openQuote) {
            throw new DataFormatException("a quote is opened in this row and never closed");
        }
        return Utf8.decode(record, 0, record.length);
    }

    /** Copies one record: up to the line end that stands in no quotes. */
    private boolean readRecord() throws IOException {
        line = source.line();
        buffer.clear();
        int b = source.read();
        if (b < 0) {
            return false;
        }
        RecordEnd end = new RecordEnd(delimiter.character());
        for (; b >= 0 && !end.endsAt(b); b = source.read()) {
            buffer.append(b);
        }
        openQuote = end.isQuoted();
        loneReturn = end.hasLoneReturn();
        return true;
    }
}
