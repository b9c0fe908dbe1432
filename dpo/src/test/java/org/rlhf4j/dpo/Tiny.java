package org.rlhf4j.dpo;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Golden;

/** The golden models and the pairs of the golden step. */
final class Tiny {
    static final JsonNode STEP = Golden.json("train/dpo_step");

    private Tiny() {}

    /** A golden model, its files copied into the folder when they are not there yet. */
    static LanguageModel model(String name, Path folder) {
        Path copy = folder.resolve(name);
        return LanguageModel.open(Files.exists(copy) ? copy : Golden.copyDirectory("models/" + name, folder));
    }

    static LanguageModel policy(Path folder) {
        return model("llama_gqa", folder);
    }

    /** Another model with the same vocabulary. */
    static LanguageModel other(Path folder) {
        return model(STEP.get("other_reference").get("model").textValue(), folder);
    }

    /** The four pairs of the golden step, which have nothing in common. */
    static List<Comparison> pairs() {
        int[][] prompts = Golden.intRows(STEP.get("prompts"));
        int[][] chosen = Golden.intRows(STEP.get("chosen"));
        int[][] rejected = Golden.intRows(STEP.get("rejected"));
        List<Comparison> pairs = new ArrayList<>();
        for (int i = 0; i < prompts.length; i++) {
            pairs.add(Comparison.Pairs.of(
                    "pairs.jsonl:" + (i + 1), example(prompts[i], chosen[i]), example(prompts[i], rejected[i])));
        }
        return pairs;
    }

    static EncodedExample example(int[] prompt, int[] completion) {
        int[] ids = java.util.Arrays.copyOf(prompt, prompt.length + completion.length);
        System.arraycopy(completion, 0, ids, prompt.length, completion.length);
        return new EncodedExample(ids, prompt.length);
    }

    /** Settings of a short run at a constant learning rate. */
    static TrainingConfig config(int steps, int batchSize, int microBatchSize, double learningRate) {
        OptimizerConfig constant = new OptimizerConfig(
                learningRate, OptimizerConfig.LearningRate.CONSTANT, 0, 0, 0, 1, 0.9, 0.999, 1e-8, 0);
        return new TrainingConfig(1, steps, batchSize, microBatchSize, true, false, 3, 1, 0, null, constant);
    }

    /** A copy of all weights. */
    static Map<String, float[]> weights(LanguageModel model) {
        return Torch.call(() -> {
            Map<String, float[]> values = new LinkedHashMap<>();
            for (String name : model.parameters().names()) {
                values.put(name, HostCopy.toFloats(model.parameters().get(name)));
            }
            return values;
        });
    }
}
