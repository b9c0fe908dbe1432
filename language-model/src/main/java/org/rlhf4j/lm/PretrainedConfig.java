package org.rlhf4j.lm;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Precision;
import org.rlhf4j.lm.lora.LoraAdapter;

/** What {@code config.json} says of a model, whether it is a decoder or an encoder. */
public sealed interface PretrainedConfig permits ModelConfig, EncoderConfig {
    /**
     * Reads a {@code config.json}.
     *
     * @throws DataFormatException if it cannot be read or describes a model that is not supported
     */
    static PretrainedConfig read(Path file) {
        JsonNode json = Json.read(file);
        JsonFields fields = JsonFields.of(json, file.toString(), 0);
        return EncoderFamily.find(fields.text("model_type")).isPresent()
                ? EncoderConfig.of(json, file.toString())
                : ModelConfig.of(json, file.toString());
    }

    /** The value of {@code model_type}. */
    String modelType();

    /** Rows of the embedding, V. */
    int vocabulary();

    /** Width of the hidden states, H. */
    int hidden();

    /** The longest sequence, in tokens. */
    int context();

    /** How many labels a classification head has, where the file says so. */
    Optional<Integer> labels();

    /** The weight format that the file names. */
    Optional<WeightFormat> format();

    /** The ids that end a text; empty when there is none. */
    List<Integer> eosTokenIds();

    /** The id of the padding token, where there is one. */
    Optional<Integer> padTokenId();

    /** The tensors below the head with their shapes. */
    Map<String, Shape> backboneTensors();

    /** The tensors of a head alone, with their shapes. */
    Map<String, Shape> headTensors(Head head);

    /**
     * The name that the model has for a tensor of the files, which may lack the prefix of a bare backbone or have the names of an
     * older format.
     *
     * @param stored a name in the files
     * @param files all of them
     */
    String canonicalName(String stored, Set<String> files);

    /** Whether a tensor that the model does not need carries nothing that would be lost with it. */
    boolean mayBeDropped(String name);

    /** The head that tensors of these names make up. */
    Head headOf(Set<String> names);

    /**
     * Adds those tensors of a scalar head that are not there, fresh from a seed.
     *
     * @param weights of the backbone, perhaps with some of the head
     */
    void addScalarHead(Parameters weights, long seed);

    /** {@link #scorer(Parameters, LoraAdapter)} without an adapter. */
    default SequenceScorer scorer(Parameters weights) {
        return scorer(weights, null);
    }

    /**
     * The model with its scalar head.
     *
     * @param weights hold both
     * @param adapter on top, which may bring the head, or null for none
     */
    SequenceScorer scorer(Parameters weights, @Nullable LoraAdapter adapter);

    /**
     * The content of a {@code config.json} that transformers 4 and 5 both open, with every key that was read.
     *
     * @param head the head that is saved beside it
     * @param stored the format of the saved weights
     */
    ObjectNode toJson(Head head, WeightFormat stored);

    /**
     * Refuses element types that the model does not compute in.
     *
     * @throws DataFormatException if it does not compute in this one
     */
    default void requirePrecision(Precision precision) {
        // Decoders compute in every one.
    }

    /**
     * Refuses sequences that the model has no positions for.
     *
     * @param maxLength the longest sequence that shall be allowed, in tokens
     * @throws DataFormatException if it is beyond the context
     */
    default void requireWithinContext(int maxLength) {
        if (maxLength > context()) {
            throw new DataFormatException(
                    "sequences of up to " + maxLength + " tokens are asked for, but the model's context is " + context()
                            + " tokens: lower the limit (--max-length)");
        }
    }
}
