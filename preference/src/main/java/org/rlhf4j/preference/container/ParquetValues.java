package org.rlhf4j.preference.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.util.UUID;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Utf8;
import org.rlhf4j.preference.container.ParquetRow.Sink;

/** Values of one column as JSON: numbers, truth values, text; dates and times as ISO 8601 text. */
final class ParquetValues extends PrimitiveConverter {
    /** As many digits as Arrow's largest decimal has. */
    private static final int MAX_PRECISION = 76;

    private final String path;
    private final ParquetRow row;
    private final Sink sink;
    private final PrimitiveTypeName type;
    private final @Nullable LogicalTypeAnnotation logical;
    private @Nullable Dictionary dictionary;

    @SuppressWarnings("NullAway") // Entries are filled when they are first asked for.
    private JsonNode[] decoded = new JsonNode[0];

    ParquetValues(PrimitiveType type, String path, ParquetRow row, Sink sink) {
        this.path = path;
        this.row = row;
        this.sink = sink;
        this.type = type.getPrimitiveTypeName();
        this.logical = type.getLogicalTypeAnnotation();
        if (logical instanceof DecimalLogicalTypeAnnotation decimal && decimal.getPrecision() > MAX_PRECISION) {
            throw new DataFormatException(
                    "the column \"" + path + "\" has decimals of more than " + MAX_PRECISION + " digits");
        }
    }

    @Override
    public boolean hasDictionarySupport() {
        return type == PrimitiveTypeName.BINARY;
    }

    @Override
    public void setDictionary(Dictionary values) {
        dictionary = values;
        decoded = new JsonNode[values.getMaxId() + 1];
    }

    @Override
    public void addValueFromDictionary(int id) {
        if (dictionary == null) {
            throw new IllegalStateException("a value without a dictionary");
        }
        JsonNode node = decoded[id];
        if (node == null) {
            node = node(dictionary.decodeToBinary(id));
            if (node == null) {
                return;
            }
            decoded[id] = node;
        }
        row.add(sink, node, node.isTextual() ? node.textValue().length() : 0);
    }

    @Override
    public void addBinary(Binary value) {
        JsonNode node = node(value);
        if (node != null) {
            row.add(sink, node, value.length());
        }
    }

    @Override
    public void addBoolean(boolean value) {
        add(BooleanNode.valueOf(value));
    }

    @Override
    public void addInt(int value) {
        if (logical instanceof IntLogicalTypeAnnotation integer && !integer.isSigned()) {
            add(LongNode.valueOf(Integer.toUnsignedLong(value)));
        } else if (logical instanceof DecimalLogicalTypeAnnotation decimal) {
            add(DecimalNode.valueOf(BigDecimal.valueOf(value, decimal.getScale())));
        } else if (logical instanceof DateLogicalTypeAnnotation) {
            addTime(() -> ParquetTimes.date(value));
        } else if (logical instanceof TimeLogicalTypeAnnotation time) {
            addTime(() -> ParquetTimes.time(value, time.getUnit()));
        } else {
            add(IntNode.valueOf(value));
        }
    }

    @Override
    public void addLong(long value) {
        if (logical instanceof IntLogicalTypeAnnotation integer && !integer.isSigned() && value < 0) {
            add(BigIntegerNode.valueOf(new BigInteger(Long.toUnsignedString(value))));
        } else if (logical instanceof DecimalLogicalTypeAnnotation decimal) {
            add(DecimalNode.valueOf(BigDecimal.valueOf(value, decimal.getScale())));
        } else if (logical instanceof TimestampLogicalTypeAnnotation timestamp) {
            addTime(() -> ParquetTimes.timestamp(value, timestamp.getUnit(), timestamp.isAdjustedToUTC()));
        } else if (logical instanceof TimeLogicalTypeAnnotation time) {
            addTime(() -> ParquetTimes.time(value, time.getUnit()));
        } else {
            add(LongNode.valueOf(value));
        }
    }

    @Override
    public void addFloat(float value) {
        addDouble(value);
    }

    @Override
    public void addDouble(double value) {
        if (Double.isFinite(value)) {
            add(DoubleNode.valueOf(value));
        } else {
            row.problem("the column \"" + path + "\" holds " + value + ", which is no number of JSON");
        }
    }

    private void add(JsonNode node) {
        row.add(sink, node, 0);
    }

    /** A date or time. */
    @FunctionalInterface
    private interface Time {
        String text();
    }

    private void addTime(Time time) {
        JsonNode node = node(time);
        if (node != null) {
            add(node);
        }
    }

    private @Nullable JsonNode node(Time time) {
        try {
            return TextNode.valueOf(time.text());
        } catch (DateTimeException | ArithmeticException e) {
            row.problem("the column \"" + path + "\" holds a date or time that is none: " + e.getMessage());
            return null;
        }
    }

    /** The value of bytes; null if they have none, which makes the row a bad one. */
    private @Nullable JsonNode node(Binary value) {
        byte[] bytes = value.getBytesUnsafe();
        if (type == PrimitiveTypeName.INT96) {
            return node(() -> ParquetTimes.int96(bytes));
        }
        if (logical instanceof DecimalLogicalTypeAnnotation decimal && bytes.length > 0) {
            return DecimalNode.valueOf(new BigDecimal(new BigInteger(bytes), decimal.getScale()));
        }
        if (logical instanceof UUIDLogicalTypeAnnotation && bytes.length == 2 * Long.BYTES) {
            ByteBuffer uuid = ByteBuffer.wrap(bytes);
            return TextNode.valueOf(new UUID(uuid.getLong(), uuid.getLong()).toString());
        }
        if (logical instanceof JsonLogicalTypeAnnotation) {
            try {
                return Json.parse(bytes, Json.Size.ROW);
            } catch (DataFormatException e) {
                row.problem("the column \"" + path + "\" holds no JSON: " + e.reason());
                return null;
            }
        }
        boolean text = logical instanceof StringLogicalTypeAnnotation || logical instanceof EnumLogicalTypeAnnotation;
        if (text || (logical == null && type == PrimitiveTypeName.BINARY)) {
            try {
                return TextNode.valueOf(Utf8.decode(bytes, 0, bytes.length));
            } catch (DataFormatException e) {
                // Only a column that says so was meant to be text.
                row.problem(
                        text
                                ? e.reason() + " in the column \"" + path + "\""
                                : "the column \"" + path + "\" holds bytes that are no text (" + e.reason() + ")");
                return null;
            }
        }
        String what = logical == null ? "bytes" : logical.toString();
        row.problem("the column \"" + path + "\" holds " + what + ", which is no value of JSON");
        return null;
    }
}
