package org.rlhf4j.lm.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.lm.hub.HubException.Kind;

/** Which files of a repository a model needs. Code, pickles, weights for other frameworks and pictures stay there. */
final class NeededFiles {
    private static final String CONFIG = "config.json";
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final String ADAPTER_CONFIG = "adapter_config.json";
    private static final String ADAPTER = "adapter_model.safetensors";

    private static final Pattern SMALL = Pattern.compile("config\\.json|generation_config\\.json|rlhf4j(_base)?\\.json"
            + "|tokenizer\\.json|tokenizer_config\\.json|special_tokens_map\\.json|added_tokens\\.json"
            + "|vocab\\.json|vocab\\.txt|merges\\.txt|tokenizer\\.model|spiece\\.model|sentencepiece\\.bpe\\.model"
            + "|chat_template\\.jinja|chat_template\\.json|additional_chat_templates/\\w[\\w.-]*\\.jinja"
            + "|adapter_config\\.json|LICENSE(\\.txt|\\.md)?|NOTICE|USE_POLICY\\.md");

    private static final Pattern SHARD = Pattern.compile("\\w[\\w.-]*\\.safetensors");
    private static final Pattern PICKLE = Pattern.compile("\\w[\\w.-]*\\.(bin|pt|pth|ckpt)");

    private NeededFiles() {}

    /** The small ones; the index of shards is one where the weights are not in one file. */
    static List<String> small(HubName name, Collection<String> listed) throws HubException {
        List<String> small = new ArrayList<>(listed.stream()
                .filter(path -> SMALL.matcher(path).matches())
                .sorted()
                .toList());
        boolean model = small.contains(CONFIG) && (listed.contains(SINGLE) || listed.contains(INDEX));
        boolean adapter = small.contains(ADAPTER_CONFIG) && listed.contains(ADAPTER);
        if (!model && !adapter) {
            throw unsupported(name, listed);
        }
        if (model && !listed.contains(SINGLE)) {
            small.add(INDEX);
        }
        return small;
    }

    /**
     * The weights, when the small files are there.
     *
     * @param snapshot holds the small files
     * @param there whether a file is there, or is to be had
     */
    static List<String> weights(HubName name, Path snapshot, Predicate<String> there) throws HubException {
        List<String> weights = new ArrayList<>();
        if (there.test(SINGLE)) {
            weights.add(SINGLE);
        } else if (there.test(INDEX)) {
            weights.addAll(shards(name, snapshot.resolve(INDEX)));
        }
        if (there.test(ADAPTER_CONFIG)) {
            weights.add(ADAPTER);
        }
        for (String file : weights) {
            if (!there.test(file)) {
                throw new HubException(Kind.UNSUPPORTED, name, INDEX + " names " + file + ", which is not there");
            }
        }
        return weights;
    }

    /** What a directory lacks to be a whole model, as far as its own files tell: some names, or none. */
    static List<String> missing(HubName name, Path snapshot) throws HubException {
        boolean adapter = isFile(snapshot, ADAPTER_CONFIG);
        if (!adapter && !isFile(snapshot, CONFIG)) {
            return List.of(CONFIG);
        }
        List<String> weights = new ArrayList<>();
        if (adapter) {
            weights.add(ADAPTER);
        }
        if (isFile(snapshot, CONFIG)) {
            boolean sharded = !isFile(snapshot, SINGLE) && isFile(snapshot, INDEX);
            weights.addAll(sharded ? shards(name, snapshot.resolve(INDEX)) : List.of(SINGLE));
        }
        return weights.stream().filter(file -> !isFile(snapshot, file)).toList();
    }

    static boolean isFile(Path snapshot, String name) {
        return java.nio.file.Files.isRegularFile(snapshot.resolve(name));
    }

    private static Collection<String> shards(HubName name, Path index) throws HubException {
        TreeSet<String> shards = new TreeSet<>();
        try {
            for (JsonNode file : Json.read(index).path("weight_map")) {
                if (!SHARD.matcher(file.asText()).matches()) {
                    throw new HubException(
                            Kind.UNSUPPORTED,
                            name,
                            INDEX + " names \"" + file.asText() + "\", which is not the plain name of a"
                                    + " .safetensors file beside it");
                }
                shards.add(file.asText());
            }
        } catch (DataFormatException e) {
            throw new HubException(Kind.UNSUPPORTED, name, INDEX + ": " + e.reason(), e);
        }
        return shards;
    }

    private static HubException unsupported(HubName name, Collection<String> listed) {
        String pickle = listed.stream()
                .filter(path -> PICKLE.matcher(path).matches())
                .sorted()
                .findFirst()
                .orElse("");
        String reason = pickle.isEmpty()
                ? "holds no " + (listed.contains(CONFIG) ? SINGLE : CONFIG) + ", so it is no model that can be read"
                : "has its weights only as " + pickle + ", a pickle, which is never opened; convert it with: python -c"
                        + " \"from transformers import AutoModel as M, AutoTokenizer as T;"
                        + " [c.from_pretrained('" + name.repository() + "').save_pretrained('DIR') for c in (M, T)]\""
                        + " (AutoModelForCausalLM keeps the head of a language model) and give DIR";
        return new HubException(Kind.UNSUPPORTED, name, reason);
    }
}
