package org.rlhf4j.lm;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.rlhf4j.base.NearestName;

/**
 * The model families that can be opened, as data: what differs between them is listed here, and the {@link Decoder} is
 * one.
 */
public enum ModelFamily {
    /** Llama 2, 3 and what shares their {@code model_type}. */
    LLAMA("llama", "LlamaForCausalLM", "LlamaForSequenceClassification");

    private final String modelType;
    private final String languageModelClass;
    private final String classifierClass;

    ModelFamily(String modelType, String languageModelClass, String classifierClass) {
        this.modelType = modelType;
        this.languageModelClass = languageModelClass;
        this.classifierClass = classifierClass;
    }

    /** The value of {@code model_type} in {@code config.json}. */
    public String modelType() {
        return modelType;
    }

    /** The value of {@code architectures} for a model with this head. */
    public String architecture(Head head) {
        return head == Head.LANGUAGE_MODEL ? languageModelClass : classifierClass;
    }

    /** Every {@code model_type} that is known. */
    public static List<String> known() {
        return Arrays.stream(values()).map(ModelFamily::modelType).toList();
    }

    /**
     * The family of a {@code model_type}.
     *
     * @throws IllegalArgumentException if it is not known, with the nearest and all known names
     */
    static ModelFamily named(String modelType) {
        for (ModelFamily family : values()) {
            if (family.modelType.equals(modelType.toLowerCase(Locale.ROOT))) {
                return family;
            }
        }
        throw new IllegalArgumentException(NearestName.unknown("model_type", modelType, known()));
    }
}
