package org.rlhf4j.ppo.text;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.Checkpoint;
import org.rlhf4j.lm.Head;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.ModelConfig;
import org.rlhf4j.lm.WeightFormat;

/** Models of some hundred random weights that read and write the letters a to h. */
final class TinyText {
    static final int BOS = 0;
    static final int EOS = 1;
    static final List<Content> PROMPTS =
            List.of(Content.of("ab"), Content.of("cdefgh"), Content.of("a"), Content.of("hgfed"));

    private static final String LETTERS = "abcdefgh";
    private static final int HIDDEN = 8;

    private TinyText() {}

    /** A language model of the seed's weights, written at the first call. */
    static Path languageModel(Path folder, long seed) {
        return write(folder.resolve("lm-" + seed), Head.LANGUAGE_MODEL, seed, true, 64, LETTERS);
    }

    /** The same whose tokenizer knows no token that ends a text. */
    static Path endless(Path folder, long seed) {
        return write(folder.resolve("endless-" + seed), Head.LANGUAGE_MODEL, seed, false, 64, LETTERS);
    }

    /** A reward model that reads the same letters. */
    static Path rewardModel(Path folder, long seed) {
        return write(folder.resolve("rm-" + seed), Head.SCALAR, seed, true, 64, LETTERS);
    }

    /** A language model with a shorter context. */
    static Path shortModel(Path folder, int context) {
        return write(folder.resolve("short-" + context), Head.LANGUAGE_MODEL, 1, true, context, LETTERS);
    }

    /** A language model whose ids mean other letters. */
    static Path otherLetters(Path folder) {
        return write(folder.resolve("letters"), Head.LANGUAGE_MODEL, 1, true, 64, "hgfedcba");
    }

    private static Path write(Path target, Head head, long seed, boolean ends, int context, String letters) {
        if (Files.exists(target)) {
            return target;
        }
        ModelConfig config = config(context, ends).withPadTokenId(2);
        try (Parameters weights = weights(config.sizes().vocabulary(), head, seed)) {
            Checkpoint.save(
                    Storage.disk(),
                    target,
                    new Checkpoint.Content(
                            config, head, weights, WeightFormat.FLOAT32, tokenizer(letters, ends), null));
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ModelConfig config(int context, boolean ends) {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("model_type", "llama");
        json.put("vocab_size", 3 + LETTERS.length());
        json.put("hidden_size", HIDDEN);
        json.put("intermediate_size", 8);
        json.put("num_hidden_layers", 1);
        json.put("num_attention_heads", 2);
        json.put("num_key_value_heads", 1);
        json.put("max_position_embeddings", context);
        json.put("bos_token_id", BOS);
        if (ends) {
            json.put("eos_token_id", EOS);
        } else {
            json.putNull("eos_token_id");
        }
        return ModelConfig.of(json, "config.json");
    }

    private static Parameters weights(int vocabulary, Head head, long seed) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        String layer = "model.layers.0.";
        shapes.put("model.embed_tokens.weight", new Shape(vocabulary, HIDDEN));
        shapes.put(layer + "input_layernorm.weight", new Shape(HIDDEN));
        shapes.put(layer + "self_attn.q_proj.weight", new Shape(HIDDEN, HIDDEN));
        shapes.put(layer + "self_attn.k_proj.weight", new Shape(4, HIDDEN));
        shapes.put(layer + "self_attn.v_proj.weight", new Shape(4, HIDDEN));
        shapes.put(layer + "self_attn.o_proj.weight", new Shape(HIDDEN, HIDDEN));
        shapes.put(layer + "post_attention_layernorm.weight", new Shape(HIDDEN));
        shapes.put(layer + "mlp.gate_proj.weight", new Shape(8, HIDDEN));
        shapes.put(layer + "mlp.up_proj.weight", new Shape(8, HIDDEN));
        shapes.put(layer + "mlp.down_proj.weight", new Shape(HIDDEN, 8));
        shapes.put("model.norm.weight", new Shape(HIDDEN));
        boolean scores = head == Head.SCALAR;
        shapes.put(scores ? "score.weight" : "lm_head.weight", new Shape(scores ? 1 : vocabulary, HIDDEN));
        return Torch.call(() -> {
            Parameters weights = new Parameters();
            shapes.forEach((name, shape) ->
                    weights.put(name, HostCopy.create(weights.manager(), shape, values(seed, name, shape))));
            return weights;
        });
    }

    private static float[] values(long seed, String name, Shape shape) {
        SeededStream stream = SeededStream.of(seed, name);
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.3 * stream.nextGaussian()) + (name.endsWith("norm.weight") ? 1 : 0);
        }
        return values;
    }

    /** One token a letter. */
    private static Map<String, byte[]> tokenizer(String letters, boolean ends) {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("version", "1.0");
        json.putNull("truncation");
        json.putNull("padding");
        String[] specials = {"<s>", "</s>", "<unk>"};
        for (int id = 0; id < specials.length; id++) {
            ObjectNode token = json.withArray("added_tokens").addObject();
            token.put("id", id).put("content", specials[id]).put("special", true);
            List.of("single_word", "lstrip", "rstrip", "normalized").forEach(key -> token.put(key, false));
        }
        json.putNull("normalizer");
        ObjectNode split = json.putObject("pre_tokenizer").put("type", "Split");
        split.putObject("pattern").put("Regex", ".");
        split.put("behavior", "Isolated").put("invert", false);
        json.putNull("post_processor");
        json.putObject("decoder").put("type", "Fuse");
        ObjectNode model = json.putObject("model").put("type", "WordLevel").put("unk_token", "<unk>");
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < specials.length; id++) {
            vocabulary.put(specials[id], id);
        }
        for (int i = 0; i < letters.length(); i++) {
            vocabulary.put(letters.substring(i, i + 1), specials.length + i);
        }
        ObjectNode settings = Json.mapper().createObjectNode();
        settings.put("bos_token", "<s>").put("unk_token", "<unk>").put("add_bos_token", true);
        if (ends) {
            settings.put("eos_token", "</s>");
        }
        Map<String, byte[]> files = new TreeMap<>();
        files.put("tokenizer.json", Json.write(json).getBytes(StandardCharsets.UTF_8));
        files.put("tokenizer_config.json", Json.write(settings).getBytes(StandardCharsets.UTF_8));
        return files;
    }

    /** A copy of some weights, by name. */
    static Map<String, float[]> copy(Parameters weights) {
        return Torch.call(() -> {
            Map<String, float[]> values = new TreeMap<>();
            weights.names().forEach(name -> values.put(name, HostCopy.toFloats(weights.get(name))));
            return values;
        });
    }

    static LanguageModel open(Path folder, long seed) {
        return LanguageModel.open(languageModel(folder, seed));
    }
}
