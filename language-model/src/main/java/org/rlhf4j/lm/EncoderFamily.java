package org.rlhf4j.lm;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The families of encoders that can be opened as reward models, as data: what differs between them is listed here and in
 * their {@link EncoderDesign}, and the {@link Encoder} is one.
 */
public enum EncoderFamily {
    /** BERT. */
    BERT("bert", "Bert", EncoderDesign.BERT, Keys.BERT, new Defaults(512, 2, 1e-12, 0), Activation.TANH),
    /** RoBERTa. */
    ROBERTA("roberta", "Roberta", EncoderDesign.ROBERTA, Keys.BERT, new Defaults(512, 2, 1e-12, 1), Activation.TANH),
    /** DistilBERT. */
    DISTILBERT(
            "distilbert",
            "DistilBert",
            EncoderDesign.DISTILBERT,
            Keys.DISTILBERT,
            new Defaults(512, 0, 1e-12, 0),
            Activation.RELU),
    /** ELECTRA, the discriminator. */
    ELECTRA("electra", "Electra", EncoderDesign.ELECTRA, Keys.BERT, new Defaults(512, 2, 1e-12, 0), Activation.GELU),
    /** DeBERTa v2 and v3. */
    DEBERTA("deberta-v2", "DebertaV2", EncoderDesign.DEBERTA, Keys.DEBERTA, new Defaults(512, 0, 1e-7, 0), null),
    /** ModernBERT. */
    MODERNBERT(
            "modernbert",
            "ModernBert",
            EncoderDesign.MODERNBERT,
            Keys.MODERNBERT,
            new Defaults(8192, 0, 1e-5, 50_283),
            null);

    /**
     * The keys of a configuration that are not called the same everywhere.
     *
     * @param hidden H
     * @param intermediate F
     * @param layers number of layers
     * @param heads number of heads
     * @param activation of the MLP
     * @param epsilon of the norms, or null where the family has no such key
     * @param headActivation of the classification head, or null where the family has no such key
     */
    record Keys(
            String hidden,
            String intermediate,
            String layers,
            String heads,
            String activation,
            @Nullable String epsilon,
            @Nullable String headActivation) {
        static final Keys BERT = bert("hidden_act", "layer_norm_eps", null);
        static final Keys DEBERTA = bert("hidden_act", "layer_norm_eps", "pooler_hidden_act");
        static final Keys MODERNBERT = bert("hidden_activation", "norm_eps", "classifier_activation");
        static final Keys DISTILBERT = new Keys("dim", "hidden_dim", "n_layers", "n_heads", "activation", null, null);

        private static Keys bert(String activation, String epsilon, @Nullable String headActivation) {
            return new Keys(
                    "hidden_size",
                    "intermediate_size",
                    "num_hidden_layers",
                    "num_attention_heads",
                    activation,
                    epsilon,
                    headActivation);
        }
    }

    /**
     * The values of keys that are absent.
     *
     * @param positions {@code max_position_embeddings}
     * @param tokenTypes {@code type_vocab_size}
     * @param epsilon of the norms
     * @param padTokenId {@code pad_token_id}
     */
    record Defaults(int positions, int tokenTypes, double epsilon, int padTokenId) {}

    private final String modelType;
    private final String className;

    @SuppressWarnings("Immutable") // a record of names
    private final EncoderDesign design;

    @SuppressWarnings("Immutable") // a record of names
    private final Keys keys;

    @SuppressWarnings("Immutable") // a record of numbers
    private final Defaults defaults;

    private final @Nullable Activation headActivation;

    EncoderFamily(
            String modelType,
            String className,
            EncoderDesign design,
            Keys keys,
            Defaults defaults,
            @Nullable Activation headActivation) {
        this.modelType = modelType;
        this.className = className;
        this.design = design;
        this.keys = keys;
        this.defaults = defaults;
        this.headActivation = headActivation;
    }

    /** The value of {@code model_type} in {@code config.json}. */
    public String modelType() {
        return modelType;
    }

    /** The value of {@code architectures} for a model with a classification head. */
    public String architecture() {
        return className + "ForSequenceClassification";
    }

    /** Its modules. */
    EncoderDesign design() {
        return design;
    }

    /** The names of its keys. */
    Keys keys() {
        return keys;
    }

    /** The values of keys that are absent. */
    Defaults defaults() {
        return defaults;
    }

    /** The activation of the classification head; {@link Activation#GELU} where a key may say otherwise. */
    Activation headActivation() {
        return headActivation == null ? Activation.GELU : headActivation;
    }

    /** Whether tokens of the second text of a pair have a type of their own; RoBERTa has the table, but never uses it so. */
    boolean typesPairs() {
        return this != ROBERTA;
    }

    /** Every {@code model_type} that is known. */
    public static List<String> known() {
        return Arrays.stream(values()).map(EncoderFamily::modelType).toList();
    }

    /** The family of a {@code model_type}, if it is one of encoders. */
    static Optional<EncoderFamily> find(String modelType) {
        return Arrays.stream(values())
                .filter(family -> family.modelType.equals(modelType.toLowerCase(Locale.ROOT)))
                .findFirst();
    }
}
