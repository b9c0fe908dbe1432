package org.rlhf4j.preference.container;

import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.ConversionPatterns;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/** Takes rows of JSON apart into columns; their schema is the one that Arrow writes for the same columns. */
final class ParquetColumns extends WriteSupport<ObjectNode> {
    private static final String ELEMENT = "element";
    private static final String ROLE = "role";
    private static final String CONTENT = "content";

    private final List<Column> columns;
    private @Nullable RecordConsumer out;

    ParquetColumns(List<Column> columns) {
        this.columns = List.copyOf(columns);
    }

    @Override
    @SuppressWarnings("deprecation") // It is abstract, and not called.
    public WriteContext init(Configuration configuration) {
        return context();
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
        return context();
    }

    private WriteContext context() {
        List<Type> fields = columns.stream().map(ParquetColumns::type).toList();
        return new WriteContext(new MessageType("schema", fields), Map.of());
    }

    private static Type type(Column column) {
        String name = column.name();
        return switch (column.type()) {
            case TEXT -> text(name);
            case TRUTH -> truth(name);
            case NUMBER -> Types.optional(PrimitiveTypeName.DOUBLE).named(name);
            case TEXTS -> list(name, text(ELEMENT));
            case TRUTHS -> list(name, truth(ELEMENT));
            case MESSAGES -> list(name, new GroupType(Repetition.OPTIONAL, ELEMENT, text(ROLE), text(CONTENT)));
        };
    }

    private static Type text(String name) {
        return Types.optional(PrimitiveTypeName.BINARY).as(stringType()).named(name);
    }

    private static Type truth(String name) {
        return Types.optional(PrimitiveTypeName.BOOLEAN).named(name);
    }

    private static Type list(String name, Type element) {
        return ConversionPatterns.listOfElements(Repetition.OPTIONAL, name, element);
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
        out = consumer;
    }

    @Override
    public void write(ObjectNode row) {
        RecordConsumer to = Objects.requireNonNull(out);
        to.startMessage();
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            JsonNode value = row.get(column.name());
            if (value != null && !value.isNull()) {
                to.startField(column.name(), i);
                add(to, column.type(), value);
                to.endField(column.name(), i);
            }
        }
        to.endMessage();
    }

    private static void add(RecordConsumer to, Column.Type type, JsonNode value) {
        switch (type) {
            case TEXT ->
                to.addBinary(Binary.fromConstantByteArray(value.textValue().getBytes(StandardCharsets.UTF_8)));
            case TRUTH -> to.addBoolean(value.booleanValue());
            case NUMBER -> to.addDouble(value.doubleValue());
            case TEXTS -> addList(to, Column.Type.TEXT, value);
            case TRUTHS -> addList(to, Column.Type.TRUTH, value);
            case MESSAGES -> addList(to, Column.Type.MESSAGES, value);
        }
    }

    private static void addList(RecordConsumer to, Column.Type elements, JsonNode list) {
        to.startGroup();
        if (!list.isEmpty()) {
            to.startField("list", 0);
            for (JsonNode element : list) {
                to.startGroup();
                to.startField(ELEMENT, 0);
                if (elements == Column.Type.MESSAGES) {
                    addMessage(to, element);
                } else {
                    add(to, elements, element);
                }
                to.endField(ELEMENT, 0);
                to.endGroup();
            }
            to.endField("list", 0);
        }
        to.endGroup();
    }

    private static void addMessage(RecordConsumer to, JsonNode message) {
        to.startGroup();
        to.startField(ROLE, 0);
        add(to, Column.Type.TEXT, message.path(ROLE));
        to.endField(ROLE, 0);
        to.startField(CONTENT, 1);
        add(to, Column.Type.TEXT, message.path(CONTENT));
        to.endField(CONTENT, 1);
        to.endGroup();
    }
}
