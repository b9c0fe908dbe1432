package org.rlhf4j.preference.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.container.ParquetRow.Sink;

/**
 * Puts the values of a row's columns together as one JSON object.
 *
 * <p>A field that is null is absent. Lists and maps are told by the rules of Parquet's LogicalTypes.md, lists of two
 * levels and repeated fields without a list around them among them; a map is an object, its keys as text.
 */
final class ParquetNodes extends RecordMaterializer<ObjectNode> {
    private final ParquetRow row;
    private final Fields root;
    private ObjectNode current = Json.object();

    ParquetNodes(MessageType schema, ParquetRow row) {
        this.row = row;
        this.root = new Fields(schema, "", value -> current = (ObjectNode) value);
    }

    @Override
    public ObjectNode getCurrentRecord() {
        return current;
    }

    @Override
    public GroupConverter getRootConverter() {
        return root;
    }

    private Converter converter(Type type, String path, Sink sink) {
        if (type.isPrimitive()) {
            return new ParquetValues(type.asPrimitiveType(), path, row, sink);
        }
        GroupType group = type.asGroupType();
        boolean one = group.getFieldCount() == 1 && group.getType(0).isRepetition(Type.Repetition.REPEATED);
        LogicalTypeAnnotation logical = group.getLogicalTypeAnnotation();
        if (one && logical instanceof ListLogicalTypeAnnotation) {
            return new Elements(group, path, sink);
        }
        boolean map = logical instanceof MapLogicalTypeAnnotation
                || logical instanceof LogicalTypeAnnotation.MapKeyValueTypeAnnotation;
        if (one && map && !group.getType(0).isPrimitive()) {
            GroupType entry = group.getType(0).asGroupType();
            if (entry.getFieldCount() <= 2 && entry.getType(0).isPrimitive()) {
                return new Entries(entry, path, sink);
            }
        }
        return new Fields(group, path, sink);
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** Children that are made once and asked for by number. */
    private abstract static class Group extends GroupConverter {
        private final List<Converter> children = new ArrayList<>();

        final void child(Converter converter) {
            children.add(converter);
        }

        @Override
        public final Converter getConverter(int index) {
            return children.get(index);
        }
    }

    /** A struct: an object. */
    private final class Fields extends Group {
        private final Sink sink;
        private ObjectNode object = Json.object();

        Fields(GroupType type, String path, Sink sink) {
            this.sink = sink;
            for (Type field : type.getFields()) {
                String name = field.getName();
                boolean many = field.isRepetition(Type.Repetition.REPEATED);
                Sink place = many ? value -> append(name, value) : value -> object.set(name, value);
                child(converter(field, join(path, name), place));
            }
        }

        @Override
        public void start() {
            object = Json.object();
        }

        @Override
        public void end() {
            row.add(sink, object, 0);
        }

        private void append(String name, JsonNode value) {
            ArrayNode array = object.get(name) instanceof ArrayNode before ? before : object.putArray(name);
            array.add(value);
        }
    }

    /** A list: an array. */
    private final class Elements extends Group {
        private final Sink sink;
        private ArrayNode array = Json.array();

        Elements(GroupType list, String path, Sink sink) {
            this.sink = sink;
            Type repeated = list.getType(0);
            child(
                    isElement(list, repeated)
                            ? converter(repeated, path, value -> array.add(value))
                            : new Wrapped(repeated.asGroupType(), path));
        }

        /** Whether what repeats is the element itself and not a group around it that lets it be null. */
        private static boolean isElement(GroupType list, Type repeated) {
            return repeated.isPrimitive()
                    || repeated.asGroupType().getFieldCount() != 1
                    || repeated.asGroupType().getType(0).isRepetition(Type.Repetition.REPEATED)
                    || repeated.getName().equals("array")
                    || repeated.getName().equals(list.getName() + "_tuple");
        }

        @Override
        public void start() {
            array = Json.array();
        }

        @Override
        public void end() {
            row.add(sink, array, 0);
        }

        private final class Wrapped extends Group {
            private @Nullable JsonNode element;

            Wrapped(GroupType repeated, String path) {
                child(converter(repeated.getType(0), path, value -> element = value));
            }

            @Override
            public void start() {
                element = null;
            }

            @Override
            public void end() {
                if (element == null) {
                    row.add(array::add, NullNode.instance, 0);
                } else {
                    array.add(element);
                }
            }
        }
    }

    /** A map: an object. */
    private final class Entries extends Group {
        private final Sink sink;
        private ObjectNode object = Json.object();

        Entries(GroupType entry, String path, Sink sink) {
            this.sink = sink;
            child(new Entry(entry, path));
        }

        @Override
        public void start() {
            object = Json.object();
        }

        @Override
        public void end() {
            row.add(sink, object, 0);
        }

        private final class Entry extends Group {
            private final String path;
            private @Nullable JsonNode key;
            private @Nullable JsonNode value;

            Entry(GroupType entry, String path) {
                this.path = path;
                child(converter(entry.getType(0), path, node -> key = node));
                if (entry.getFieldCount() > 1) {
                    child(converter(entry.getType(1), path, node -> value = node));
                }
            }

            @Override
            public void start() {
                key = null;
                value = null;
            }

            @Override
            public void end() {
                if (key == null) {
                    row.problem("the column \"" + path + "\" holds a map without a key");
                    return;
                }
                String name = key.asText();
                if (object.has(name)) {
                    row.problem("the column \"" + path + "\" holds a map with a key twice");
                } else if (value == null) {
                    row.add(node -> object.set(name, node), NullNode.instance, 0);
                } else {
                    object.set(name, value);
                }
            }
        }
    }
}
