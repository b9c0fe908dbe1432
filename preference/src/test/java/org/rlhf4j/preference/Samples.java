package org.rlhf4j.preference;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.Preferences;
import org.rlhf4j.preference.read.Rows;
import org.rlhf4j.testing.Draws;

/** Data files written on the spot, and valid rows of every kind. */
public final class Samples {
    private Samples() {}

    public static Path file(Path directory, String name, String... lines) {
        return bytes(directory, name, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    public static Path bytes(Path directory, String name, byte[] content) {
        try {
            return Files.write(directory.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] gzip(String text) {
        return gzip(text.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    public static DataSource source(Path file) {
        return new DataSource.File(file);
    }

    public static ObjectNode object(String json) {
        return (ObjectNode) Json.parse(json.replace('\'', '"'));
    }

    /** Rows with apostrophes for quotes. */
    public static String json(String row) {
        return row.replace('\'', '"');
    }

    public static List<Row> rows(Path file) {
        try (Rows<Row> rows = Preferences.read(file)) {
            return rows.toList().stream().map(Located::value).toList();
        }
    }

    public static Row anyRow(Draws draws) {
        return switch (draws.between(0, 5)) {
            case 0 -> anyPair(draws);
            case 1 -> anyRanking(draws);
            case 2 -> anyDemonstration(draws);
            case 3 -> anyUnpaired(draws);
            case 4 -> anyStepwise(draws);
            default -> new PromptRow(anyContent(draws, draws.flip()), anyOrigin(draws));
        };
    }

    public static PreferencePair anyPair(Draws draws) {
        boolean chat = draws.flip();
        Content chosen = anyContent(draws, chat);
        Content rejected = anyContent(draws, chat);
        while (rejected.equals(chosen)) {
            rejected = longer(rejected);
        }
        return new PreferencePair(
                anyContent(draws, chat),
                chosen,
                rejected,
                draws.flip() ? draws.anyFinite() : null,
                draws.flip() ? draws.between(0.0, 1.0) : null,
                draws.flip() ? draws.between(0.001, 10.0) : 1.0,
                anyName(draws),
                anyName(draws),
                anyOrigin(draws));
    }

    public static Ranking anyRanking(Draws draws) {
        boolean chat = draws.flip();
        boolean scored = draws.flip();
        List<RankedCompletion> completions = new ArrayList<>();
        for (int rank : draws.list(2, 6, d -> d.between(1, 4))) {
            Content text = anyContent(draws, chat);
            completions.add(new RankedCompletion(numbered(text, completions.size()), rank, null, anyName(draws)));
        }
        if (scored) {
            completions = scored(completions);
        }
        return new Ranking(anyContent(draws, chat), completions, anyOrigin(draws));
    }

    private static List<RankedCompletion> scored(List<RankedCompletion> completions) {
        List<Integer> levels = completions.stream()
                .map(RankedCompletion::rank)
                .distinct()
                .sorted()
                .toList();
        return completions.stream()
                .map(c -> new RankedCompletion(c.text(), levels.indexOf(c.rank()) + 1, 0.5 - c.rank(), c.model()))
                .toList();
    }

    public static Demonstration anyDemonstration(Draws draws) {
        boolean chat = draws.flip();
        Content completion = anyContent(draws, chat);
        Content prompt = draws.flip() ? anyContent(draws, chat) : null;
        if (prompt == null && completion instanceof Content.Chat turns) {
            List<Message> messages = new ArrayList<>(turns.messages());
            messages.add(new Message("assistant", "fine"));
            completion = Content.of(messages);
        }
        return new Demonstration(prompt, completion, anyOrigin(draws));
    }

    public static UnpairedPreference anyUnpaired(Draws draws) {
        boolean chat = draws.flip();
        return new UnpairedPreference(anyContent(draws, chat), anyContent(draws, chat), draws.flip(), anyOrigin(draws));
    }

    public static StepwiseSupervision anyStepwise(Draws draws) {
        List<String> steps = draws.list(1, 4, d -> d.text(4) + "x");
        List<Boolean> labels = steps.stream().map(step -> draws.flip()).toList();
        return new StepwiseSupervision(anyContent(draws, draws.flip()), steps, labels, anyOrigin(draws));
    }

    /** Text or messages that are not blank. */
    public static Content anyContent(Draws draws, boolean chat) {
        if (!chat) {
            return Content.of(draws.text(6) + "x" + draws.text(4));
        }
        List<Message> messages = new ArrayList<>(draws.list(
                3, d -> new Message(d.pick(List.of("user", "assistant", "system")), d.text(4))));
        messages.add(new Message("user", draws.text(3) + "x"));
        return Content.of(messages);
    }

    private static Content longer(Content content) {
        return numbered(content, 0);
    }

    private static Content numbered(Content content, int number) {
        if (content instanceof Content.Chat chat) {
            List<Message> messages = new ArrayList<>(chat.messages());
            messages.add(new Message("assistant", "number " + number));
            return Content.of(messages);
        }
        return Content.of(((Content.Text) content).text() + " number " + number);
    }

    private static Origin anyOrigin(Draws draws) {
        return new Origin(anyName(draws), anyName(draws), anyName(draws));
    }

    private static @Nullable String anyName(Draws draws) {
        return draws.flip() ? draws.text(1, 5) : null;
    }
}
