package org.rlhf4j.lm.lora;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;

/**
 * What PEFT's {@code adapter_config.json} says of an adapter. What changes the result and is not supported here is refused by
 * its key; so is every unknown key whose value is not null, false or empty.
 *
 * @param lora what holds for all modules
 * @param excluded modules that get no adapter although they are targets; names or regular expressions
 * @param ranks other ranks, by the end of a module's name or a regular expression of it ({@code rank_pattern})
 * @param alphas other alphas, likewise ({@code alpha_pattern})
 * @param modulesToSave modules that the adapter has whole, such as {@code score}
 * @param transposed whether targeted matrices lie {@code [in, out]} in the files ({@code fan_in_fan_out}); PEFT finds out by
 *     itself, so it is written and not needed
 * @param base what the adapter was trained on ({@code base_model_name_or_path}): a path or a name of the hub
 * @param revision which state of the base on the hub it was, where that is known
 */
public record AdapterConfig(
        LoraConfig lora,
        List<String> excluded,
        Map<String, Integer> ranks,
        Map<String, Double> alphas,
        List<String> modulesToSave,
        boolean transposed,
        Optional<String> base,
        Optional<String> revision) {
    /** The name of the file. */
    public static final String FILE = "adapter_config.json";

    private static final List<String> READ = List.of(
            "r",
            "lora_alpha",
            "lora_dropout",
            "target_modules",
            "exclude_modules",
            "rank_pattern",
            "alpha_pattern",
            "fan_in_fan_out",
            "use_rslora",
            "use_dora",
            "modules_to_save",
            "base_model_name_or_path",
            "revision");

    /** Keys whose value changes nothing here, or nothing without another key that is refused. */
    private static final List<String> WITHOUT_EFFECT = List.of(
            "task_type",
            "inference_mode",
            "auto_mapping",
            "peft_version",
            "megatron_core",
            "qalora_group_size",
            "layers_pattern",
            "runtime_config");

    /** Ways of making fresh weights that leave the base as it is. */
    private static final Set<String> HARMLESS_STARTS = Set.of("true", "false", "gaussian", "eva", "orthogonal");

    /** Copies the collections. */
    public AdapterConfig {
        excluded = List.copyOf(excluded);
        ranks = new LinkedHashMap<>(ranks);
        alphas = new LinkedHashMap<>(alphas);
        modulesToSave = List.copyOf(modulesToSave);
    }

    /** The configuration of a fresh adapter. */
    public static AdapterConfig of(LoraConfig lora) {
        return new AdapterConfig(
                lora, List.of(), Map.of(), Map.of(), List.of(), false, Optional.empty(), Optional.empty());
    }

    /**
     * Reads the file.
     *
     * @throws DataFormatException if it is damaged, no LoRA adapter, or one that is not supported
     */
    public static AdapterConfig read(Path file) {
        JsonFields json = JsonFields.of(Json.read(file), file.toString(), 0);
        refuseUnsupported(json);
        LoraConfig lora;
        try {
            lora = new LoraConfig(
                    json.int32("r"),
                    json.number("lora_alpha"),
                    json.number("lora_dropout", 0),
                    modules(json, "target_modules"),
                    json.bool("use_rslora", false),
                    json.bool("use_dora", false));
        } catch (IllegalArgumentException e) {
            throw json.fail(String.valueOf(e.getMessage()));
        }
        return new AdapterConfig(
                lora,
                modules(json, "exclude_modules"),
                ranks(json),
                alphas(json),
                json.has("modules_to_save") ? json.texts("modules_to_save") : List.of(),
                json.bool("fan_in_fan_out", false),
                Optional.ofNullable(json.optionalText("base_model_name_or_path")),
                Optional.ofNullable(json.optionalText("revision")));
    }

    private static void refuseUnsupported(JsonFields json) {
        if (!json.text("peft_type").equals("LORA")) {
            throw json.problem(
                    "peft_type", "is \"" + json.text("peft_type") + "\"; of PEFT's adapters LORA alone is supported");
        }
        if (!json.text("bias", "none").equals("none")) {
            throw json.problem(
                    "bias", "is \"" + json.text("bias") + "\"; adapters that train biases are not supported");
        }
        JsonNode start = json.optional("init_lora_weights");
        if (start != null && !HARMLESS_STARTS.contains(start.asText())) {
            throw json.problem(
                    "init_lora_weights",
                    "is \"" + start.asText() + "\", which changes the base model: convert the adapter with PEFT first");
        }
        for (String name : json.names()) {
            boolean known = READ.contains(name)
                    || WITHOUT_EFFECT.contains(name)
                    || List.of("peft_type", "bias", "init_lora_weights").contains(name);
            JsonNode value = json.optional(name);
            if (!known && value != null && !isOff(value)) {
                throw json.problem(name, "is " + Json.write(value) + ", which is not supported");
            }
        }
    }

    private static boolean isOff(JsonNode value) {
        return (value.isBoolean() && !value.booleanValue()) || (value.isContainerNode() && value.isEmpty());
    }

    /** Names, or a regular expression where the value is one text. */
    private static List<String> modules(JsonFields json, String key) {
        JsonNode value = json.optional(key);
        if (value == null) {
            return List.of();
        }
        if (!value.isTextual()) {
            return json.texts(key);
        }
        String text = json.text(key);
        if (text.equalsIgnoreCase(LoraConfig.ALL_LINEAR)) {
            return List.of(LoraConfig.ALL_LINEAR);
        }
        // PEFT takes a text alone for an expression, also one that could be a name.
        return List.of(LoraConfig.isPattern(text) ? text : "(?:" + text + ")");
    }

    private static Map<String, Integer> ranks(JsonFields json) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        JsonFields patterns = json.optionalObject("rank_pattern");
        if (patterns != null) {
            for (String name : patterns.names()) {
                int rank = patterns.int32(name);
                if (rank < 1) {
                    throw patterns.problem(name, "is " + rank + ", must be at least 1");
                }
                ranks.put(requirePattern(patterns, name), rank);
            }
        }
        return ranks;
    }

    private static Map<String, Double> alphas(JsonFields json) {
        Map<String, Double> alphas = new LinkedHashMap<>();
        JsonFields patterns = json.optionalObject("alpha_pattern");
        if (patterns != null) {
            for (String name : patterns.names()) {
                alphas.put(requirePattern(patterns, name), patterns.number(name));
            }
        }
        return alphas;
    }

    private static String requirePattern(JsonFields patterns, String name) {
        try {
            return Pattern.compile(name).pattern();
        } catch (PatternSyntaxException e) {
            throw patterns.problem(name, "is no regular expression: " + e.getDescription());
        }
    }

    /** Whether a module gets an adapter, given that it is a linear map of a layer. */
    public boolean targets(String module) {
        boolean saved = modulesToSave.stream()
                .anyMatch(name -> BoundedText.matches("(^|.*\\.)" + name + "($|\\..*)", name, module));
        return !saved
                && !LoraConfig.matches(excluded, module)
                && (lora.allLinear() || LoraConfig.matches(lora.targets(), module));
    }

    /** The rank of a module's adapter. */
    public int rank(String module) {
        return pattern(ranks, module).orElse(lora.rank());
    }

    /** What a module's {@code B A} is multiplied by. */
    public double scaling(String module) {
        double alpha = pattern(alphas, module).orElse(lora.alpha());
        int rank = rank(module);
        return alpha / (lora.rslora() ? Math.sqrt(rank) : rank);
    }

    private static <T> Optional<T> pattern(Map<String, T> values, String module) {
        return values.entrySet().stream()
                .filter(entry -> BoundedText.matches("(.*\\.)?(" + entry.getKey() + ")", entry.getKey(), module))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** The same of a base: a path or a name of the hub, and which state of it. */
    public AdapterConfig on(String name, Optional<String> state) {
        return new AdapterConfig(lora, excluded, ranks, alphas, modulesToSave, transposed, Optional.of(name), state);
    }

    /** The same for modules that are listed, with others that are saved whole. */
    public AdapterConfig resolved(List<String> targets, List<String> whole, boolean lieTransposed) {
        LoraConfig listed =
                new LoraConfig(lora.rank(), lora.alpha(), lora.dropout(), targets, lora.rslora(), lora.dora());
        return new AdapterConfig(listed, List.of(), ranks, alphas, whole, lieTransposed, base, revision);
    }

    /**
     * The content of the file.
     *
     * @param task PEFT's {@code task_type}: {@code CAUSAL_LM} or {@code SEQ_CLS}
     */
    public ObjectNode toJson(String task) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode alphaPattern = json.putObject("alpha_pattern");
        alphas.forEach(alphaPattern::put);
        json.put("base_model_name_or_path", base.orElse(null));
        json.put("bias", "none");
        putModules(json, "exclude_modules", excluded);
        json.put("fan_in_fan_out", transposed);
        json.put("inference_mode", true);
        json.put("init_lora_weights", true);
        json.put("lora_alpha", lora.alpha());
        json.put("lora_dropout", lora.dropout());
        putModules(json, "modules_to_save", modulesToSave);
        json.put("peft_type", "LORA");
        json.put("r", lora.rank());
        ObjectNode rankPattern = json.putObject("rank_pattern");
        ranks.forEach(rankPattern::put);
        json.put("revision", revision.orElse(null));
        putModules(json, "target_modules", lora.targets());
        json.put("task_type", task);
        json.put("use_dora", lora.dora());
        json.put("use_rslora", lora.rslora());
        return json;
    }

    private static void putModules(ObjectNode json, String key, List<String> modules) {
        if (modules.isEmpty()) {
            json.putNull(key);
            return;
        }
        ArrayNode array = json.putArray(key);
        modules.forEach(array::add);
    }
}
