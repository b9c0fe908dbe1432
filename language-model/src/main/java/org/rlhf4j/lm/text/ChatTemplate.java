package org.rlhf4j.lm.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.ModelDirectory;
import org.rlhf4j.lm.template.Rendering;
import org.rlhf4j.lm.template.Template;
import org.rlhf4j.lm.template.TemplateException;

/**
 * The chat templates that a checkpoint brings, chosen and called as transformers' {@code apply_chat_template} does:
 * {@code chat_template.jinja} before {@code chat_template} of {@code tokenizer_config.json}, which is a text or a list of
 * named ones, and with either those of {@code additional_chat_templates/}. A conversation with tools takes the template
 * {@code tool_use} where there is one, any other the template {@code default}.
 *
 * <p>May be used from several threads.
 */
public final class ChatTemplate {
    /** The file of the default template. */
    static final String FILE = "chat_template.jinja";

    /** The directory of the named ones. */
    static final String ADDITIONAL = "additional_chat_templates/";

    private static final String DEFAULT = "default";
    private static final String TOOL_USE = "tool_use";

    private final Map<String, Source> templates;
    private final Map<String, String> tokens;

    /** A template as its file has it: read, or the reason why it cannot be. */
    private record Source(
            String file,
            @Nullable Template template,
            @Nullable TemplateException problem) {
        static Source of(String file, String text) {
            try {
                return new Source(file, Template.parse(text), null);
            } catch (TemplateException e) {
                return new Source(file, null, e);
            }
        }
    }

    private ChatTemplate(Map<String, Source> templates, Map<String, String> tokens) {
        this.templates = templates;
        this.tokens = tokens;
    }

    /**
     * The templates among the files of a tokenizer, or null where there is none.
     *
     * @param files content by name
     * @param configured {@code chat_template} of {@code tokenizer_config.json}, or null
     * @param tokens the special tokens by their roles, which templates see: {@code bos_token} and so on
     */
    static @Nullable ChatTemplate find(
            Map<String, byte[]> files, @Nullable JsonFields configured, Map<String, String> tokens) {
        Map<String, Source> templates = new TreeMap<>();
        if (configured != null && !files.containsKey(FILE)) {
            JsonNode value = configured.required("chat_template");
            if (value.isTextual()) {
                templates.put(DEFAULT, Source.of("tokenizer_config.json", value.textValue()));
            } else {
                for (JsonFields named : configured.objects("chat_template")) {
                    templates.put(named.text("name"), Source.of("tokenizer_config.json", named.text("template")));
                }
            }
        }
        new TreeMap<>(files).forEach((name, content) -> {
            String text = new String(content, StandardCharsets.UTF_8);
            if (name.equals(FILE)) {
                templates.put(DEFAULT, Source.of(name, text));
            } else if (name.startsWith(ADDITIONAL) && name.endsWith(".jinja")) {
                String key = name.substring(ADDITIONAL.length(), name.length() - ".jinja".length());
                templates.put(key, Source.of(name, text));
            }
        });
        return templates.isEmpty() ? null : new ChatTemplate(templates, tokens);
    }

    /** The named templates of a model directory, content by name with their folder. */
    static Map<String, byte[]> additional(Path directory) {
        Map<String, byte[]> files = new TreeMap<>();
        Path folder = directory.resolve(ADDITIONAL);
        if (!Files.isDirectory(folder)) {
            return files;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                String name = ADDITIONAL + entry.getFileName();
                byte @Nullable [] content = name.endsWith(".jinja") ? ModelDirectory.read(directory, name) : null;
                if (content != null) {
                    files.put(name, content);
                }
            }
            return files;
        } catch (IOException e) {
            throw new DataFormatException(folder.toString(), 0, "cannot be read: " + e.getMessage(), e);
        }
    }

    /** Why the default template cannot be used, with its file and line; nothing where it can. */
    public Optional<String> problem() {
        try {
            source(false);
            return Optional.empty();
        } catch (DataFormatException e) {
            return Optional.of(e.reason());
        }
    }

    /**
     * Writes a conversation down.
     *
     * @param messages its turns, each with {@code role}, {@code content} and what else the template reads, such as
     *     {@code tool_calls}: texts, numbers, booleans, null, lists and maps
     * @param more further variables: {@code tools} and {@code documents}, which are null when absent, or what
     *     transformers calls {@code chat_template_kwargs}
     * @param generationPrompt whether it ends in what opens the assistant's next turn
     * @param date what {@code strftime_now} says
     * @throws DataFormatException without a place, if the template cannot be used, refuses the conversation or fails
     */
    public Rendering render(
            List<? extends Map<String, ?>> messages, Map<String, ?> more, boolean generationPrompt, LocalDate date) {
        Map<String, @Nullable Object> variables = new LinkedHashMap<>(tokens);
        variables.put("tools", null);
        variables.put("documents", null);
        variables.putAll(more);
        variables.put("messages", messages);
        variables.put("add_generation_prompt", generationPrompt);
        Source source = source(variables.get("tools") != null);
        try {
            return parsed(source).render(variables, date);
        } catch (TemplateException e) {
            throw new DataFormatException(
                    e.isRaised()
                            ? "is refused by the model's chat template: " + e.reason()
                            : "cannot be written by the model's chat template (" + source.file + ", line " + e.line()
                                    + "): " + e.reason());
        }
    }

    /** The texts in quotes of every template that can be read. */
    Set<String> literals() {
        Set<String> literals = new HashSet<>();
        for (Source source : templates.values()) {
            Template template = source.template;
            if (template != null) {
                literals.addAll(template.literals());
            }
        }
        return literals;
    }

    private Source source(boolean tools) {
        @Nullable
        Source source = tools && templates.containsKey(TOOL_USE) ? templates.get(TOOL_USE) : templates.get(DEFAULT);
        if (source == null) {
            throw new DataFormatException(
                    "cannot be written: the model has several chat templates, none of them named \"default\": "
                            + String.join(", ", templates.keySet()));
        }
        parsed(source);
        return source;
    }

    private static Template parsed(Source source) {
        if (source.problem != null) {
            throw new DataFormatException("cannot be written: the model's chat template cannot be used (" + source.file
                    + ", line " + source.problem.line() + "): " + source.problem.reason()
                    + "; choose another --chat-format");
        }
        return Objects.requireNonNull(source.template);
    }
}
