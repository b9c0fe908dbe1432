package org.rlhf4j.core.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingEndEvent;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceEndEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;

/**
 * Reads YAML into text with line numbers. Nothing is guessed from how a value looks: {@code 1e-4}, {@code no} and
 * {@code 012} stay text until the setting says what it wants. One document of plain mappings, lists and scalars;
 * anchors, aliases, tags and duplicate keys are refused.
 */
final class YamlTree {
    private static final int MAX_DEPTH = 16;
    private static final long MAX_BYTES = 1 << 20;

    private final IntFunction<String> originOfLine;
    private final Iterator<Event> events;
    private int depth;

    private YamlTree(String text, IntFunction<String> originOfLine) {
        this.originOfLine = originOfLine;
        this.events =
                new Yaml(new LoaderOptions()).parse(new StringReader(text)).iterator();
    }

    /** The settings in a file; one that is empty or holds only comments has none. */
    static ConfigNode.Group read(Path file) {
        String name = file.toString();
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new ConfigException(name, "is longer than 1 MiB: this is not a file of settings");
            }
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            return group(text, line -> name + ":" + line, name);
        } catch (NoSuchFileException e) {
            throw new ConfigException(name, "there is no such file");
        } catch (CharacterCodingException e) {
            throw new ConfigException(name, "is not valid UTF-8");
        } catch (IOException e) {
            throw new ConfigException(name, "cannot be read: " + e.getMessage());
        }
    }

    private static ConfigNode.Group group(String text, IntFunction<String> originOfLine, String name) {
        ConfigNode node = parse(text, originOfLine);
        if (node instanceof ConfigNode.Group group) {
            return group;
        }
        if (node instanceof ConfigNode.Scalar scalar && scalar.isNull()) {
            return new ConfigNode.Group(Map.of(), name);
        }
        throw new ConfigException(node.origin(), "expected keys with values, such as \"seed: 1\"");
    }

    /** One YAML value. */
    static ConfigNode parse(String text, IntFunction<String> originOfLine) {
        try {
            return new YamlTree(text, originOfLine).document();
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw new ConfigException(originOfLine.apply(line), "not valid YAML: " + e.getProblem());
        } catch (YAMLException e) {
            throw new ConfigException(
                    originOfLine.apply(1),
                    "not valid YAML: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    private ConfigNode document() {
        Event first = events.next();
        while (first.is(Event.ID.StreamStart) || first.is(Event.ID.DocumentStart)) {
            first = events.next();
        }
        if (first.is(Event.ID.StreamEnd)) {
            return new ConfigNode.Scalar("", false, originOfLine.apply(1));
        }
        ConfigNode node = node(first);
        Event next = events.next();
        while (next.is(Event.ID.DocumentEnd)) {
            next = events.next();
        }
        if (!next.is(Event.ID.StreamEnd)) {
            throw new ConfigException(origin(next), "a second YAML document: one is enough");
        }
        return node;
    }

    private ConfigNode node(Event event) {
        if (event instanceof AliasEvent || (event instanceof NodeEvent node && node.getAnchor() != null)) {
            throw new ConfigException(
                    origin(event), "YAML anchors and aliases (& and *) are not supported: repeat the value");
        }
        if (++depth > MAX_DEPTH) {
            throw new ConfigException(origin(event), "nested deeper than " + MAX_DEPTH + " levels");
        }
        try {
            if (event instanceof ScalarEvent scalar) {
                refuseTag(event, scalar.getTag());
                boolean quoted = scalar.getScalarStyle() != ScalarStyle.PLAIN;
                return new ConfigNode.Scalar(scalar.getValue(), quoted, origin(event));
            }
            if (event instanceof SequenceStartEvent sequence) {
                refuseTag(event, sequence.getTag());
                return items(event);
            }
            refuseTag(event, ((MappingStartEvent) event).getTag());
            return entries(event);
        } finally {
            depth--;
        }
    }

    private ConfigNode items(Event start) {
        List<ConfigNode> items = new ArrayList<>();
        for (Event event = events.next(); !(event instanceof SequenceEndEvent); event = events.next()) {
            items.add(node(event));
        }
        return new ConfigNode.Items(items, origin(start));
    }

    private ConfigNode entries(Event start) {
        Map<String, ConfigNode> entries = new LinkedHashMap<>();
        for (Event event = events.next(); !(event instanceof MappingEndEvent); event = events.next()) {
            if (!(node(event) instanceof ConfigNode.Scalar key)) {
                throw new ConfigException(origin(event), "a key must be a plain name");
            }
            if (entries.containsKey(key.text())) {
                throw new ConfigException(origin(event), "duplicate key \"" + key.text() + "\"");
            }
            entries.put(key.text(), node(events.next()));
        }
        return new ConfigNode.Group(entries, origin(start));
    }

    private void refuseTag(Event event, @Nullable String tag) {
        if (tag != null) {
            throw new ConfigException(origin(event), "YAML tags are not supported: " + tag);
        }
    }

    private String origin(Event event) {
        return originOfLine.apply(event.getStartMark().getLine() + 1);
    }
}
