package org.rlhf4j.lm;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.lm.text.EncodingPolicy;

/**
 * What RLHF4J stores with a trained model beyond the Hugging Face files, in {@code rlhf4j.json}: how text becomes ids, of
 * which tokenizer, and the scale of a reward model's scores.
 *
 * @param encoding the policy that the model was trained with
 * @param tokenizerSha256 SHA-256 of its {@code tokenizer.json}, in hexadecimal
 * @param scores mean and deviation of a reward model's scores, or null where there are none
 */
public record ModelSidecar(
        EncodingPolicy encoding,
        String tokenizerSha256,
        @Nullable Scores scores) {
    /** The name of the file. */
    public static final String FILE = "rlhf4j.json";

    private static final int VERSION = 1;
    private static final String POOLING = "last_token";

    /**
     * The scale of a reward model's scores on the data that it was evaluated on.
     *
     * @param mean their mean
     * @param deviation their standard deviation, positive
     * @param count how many scores there were
     */
    public record Scores(double mean, double deviation, long count) {
        /** Checks the numbers. */
        public Scores {
            if (!Double.isFinite(mean) || !Double.isFinite(deviation) || deviation <= 0 || count <= 0) {
                throw new IllegalArgumentException(
                        "mean " + mean + ", deviation " + deviation + " of " + count + " scores give no scale");
            }
        }
    }

    /** The same with another scale of scores. */
    public ModelSidecar withScores(Scores other) {
        return new ModelSidecar(encoding, tokenizerSha256, other);
    }

    /**
     * The content of the file.
     *
     * @param atLastToken whether a score is read at the last token; where it is not, the model's configuration says where
     */
    public ObjectNode toJson(boolean atLastToken) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("format_version", VERSION);
        json.set("encoding", encoding.toJson());
        json.put("tokenizer_sha256", tokenizerSha256);
        if (atLastToken) {
            json.put("pooling", POOLING);
        }
        if (scores != null) {
            ObjectNode scale = json.putObject("scores");
            scale.put("mean", scores.mean());
            scale.put("deviation", scores.deviation());
            scale.put("count", scores.count());
        }
        return json;
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @param content the content of the file
     * @param file its name, for messages
     * @throws DataFormatException if it was written by a newer version, or is damaged
     */
    public static ModelSidecar read(byte[] content, String file) {
        JsonFields json;
        try {
            json = JsonFields.of(Json.parse(content), file, 0);
        } catch (DataFormatException e) {
            throw e.at(file, 0);
        }
        long version = json.integer("format_version");
        if (version != VERSION) {
            throw json.problem("format_version", "is " + version + ", this version of RLHF4J reads " + VERSION);
        }
        json.allowOnly(List.of("format_version", "encoding", "tokenizer_sha256", "pooling", "scores"));
        if (!json.text("pooling", POOLING).equals(POOLING)) {
            throw json.problem("pooling", "is \"" + json.text("pooling") + "\", known is only \"" + POOLING + "\"");
        }
        @Nullable JsonFields scale = json.optionalObject("scores");
        return new ModelSidecar(
                EncodingPolicy.fromJson(json.object("encoding")),
                json.text("tokenizer_sha256"),
                scale == null ? null : scores(scale));
    }

    private static Scores scores(JsonFields json) {
        json.allowOnly(List.of("mean", "deviation", "count"));
        try {
            return new Scores(json.number("mean"), json.number("deviation"), json.integer("count"));
        } catch (IllegalArgumentException e) {
            throw json.fail(String.valueOf(e.getMessage()));
        }
    }
}
