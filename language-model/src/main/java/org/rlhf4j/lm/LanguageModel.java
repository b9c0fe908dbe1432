package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Sha256;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Precision;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.TokenCrossEntropy;
import org.rlhf4j.core.tensor.TokenLogProbs;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.VocabularyHead;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.GenerationDefaults;
import org.rlhf4j.lm.generate.GenerationListener;
import org.rlhf4j.lm.lora.AdapterConfig;
import org.rlhf4j.lm.lora.LoraAdapter;
import org.rlhf4j.lm.lora.LoraConfig;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.lm.text.ExampleEncoder;
import org.rlhf4j.lm.text.TextTokenizer;

/**
 * A causal language model: a decoder with its head over the vocabulary, and a tokenizer where the directory has one.
 *
 * <p>{@link #logits} and {@link #logProbs} may be called from any thread; calls queue onto the tensor thread. {@link #close()} comes after all
 * of them.
 */
public final class LanguageModel implements AutoCloseable {
    private final ModelConfig config;
    private final BaseModel base;
    private final Parameters weights;
    private final @Nullable LoraAdapter adapter;
    private final Decoder decoder;
    private final WeightFormat format;
    private final Map<String, byte[]> carried;
    private final @Nullable ExampleEncoder encoder;
    private final boolean view;

    private LanguageModel(Checkpoint checkpoint, @Nullable ExampleEncoder encoder, Parameters weights) {
        this.config = checkpoint.decoderConfig();
        this.base = checkpoint.base();
        this.weights = weights;
        this.adapter = base.loadAdapter(weights);
        this.decoder = new Decoder(config, weights, adapter);
        this.format = checkpoint.format();
        this.carried = checkpoint.carriedFiles();
        this.encoder = encoder;
        this.view = false;
    }

    private LanguageModel(LanguageModel other, @Nullable LoraAdapter adapter, boolean view) {
        this.config = other.config;
        this.base = other.base;
        this.weights = other.weights;
        this.adapter = adapter;
        this.decoder = other.decoder.with(adapter);
        this.format = other.format;
        this.carried = other.carried;
        this.encoder = other.encoder;
        this.view = view;
    }

    /**
     * Opens a model directory with a language-model head. It encodes text as it was trained to; a model that RLHF4J did
     * not train gets the policy that fits its tokenizer.
     *
     * @param directory in the layout of Hugging Face
     * @throws DataFormatException if it cannot be used, or holds a reward model
     */
    public static LanguageModel open(Path directory) {
        return open(directory, UnaryOperator.identity());
    }

    /**
     * Opens a model directory to be used with changed encoding.
     *
     * @param directory in the layout of Hugging Face
     * @param encoding changes the stored policy, or the one that fits the tokenizer where none is stored
     * @throws DataFormatException if it cannot be used, or holds a reward model
     */
    public static LanguageModel open(Path directory, UnaryOperator<EncodingPolicy> encoding) {
        return open(directory, encoding, Precision.FLOAT32);
    }

    /**
     * Opens a model directory to be used with changed encoding in some precision.
     *
     * @param directory in the layout of Hugging Face
     * @param encoding changes the stored policy, or the one that fits the tokenizer where none is stored
     * @param precision what the weights are kept and computed in; {@link Precision#forTraining} of it for a model whose own
     *     weights are trained
     * @throws DataFormatException if it cannot be used, or holds a reward model
     */
    public static LanguageModel open(Path directory, UnaryOperator<EncodingPolicy> encoding, Precision precision) {
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            checkpoint.decoderConfig();
            if (checkpoint.head() != Head.LANGUAGE_MODEL) {
                throw new DataFormatException(
                        directory.toString(),
                        0,
                        "holds a reward model (" + TensorNames.SCORE + "), not a language model");
            }
            @Nullable ExampleEncoder encoder = checkpoint.hasTokenizer() ? checkpoint.openEncoder(encoding) : null;
            try {
                return new LanguageModel(checkpoint, encoder, checkpoint.load(precision));
            } catch (RuntimeException | Error e) {
                if (encoder != null) {
                    encoder.tokenizer().close();
                }
                throw e;
            }
        }
    }

    /** The configuration. */
    public ModelConfig config() {
        return config;
    }

    /** The weights that training changes: those of the adapter where there is one. Change them on the tensor thread only. */
    public Parameters parameters() {
        return adapter == null ? weights : adapter.weights();
    }

    /** The settings of the adapter, if any. */
    public Optional<LoraConfig> adapter() {
        return Optional.ofNullable(adapter).map(LoraAdapter::config).map(AdapterConfig::lora);
    }

    /**
     * The same model with a fresh adapter on top, which changes nothing until it is trained; the weights under it are frozen
     * and shared.
     *
     * @return takes over what this model has: closing it closes both
     */
    public LanguageModel withAdapter(LoraConfig lora, long seed) {
        LoraAdapter fresh = base.adapter(lora, weights, seed);
        return Torch.call(() -> new LanguageModel(this, fresh, false));
    }

    /** A model over the same weights with an adapter of its own, which starts as this one's is and is trained apart. */
    public LanguageModel twin(long seed) {
        return Torch.call(() -> new LanguageModel(this, required().copy(seed), true));
    }

    private LoraAdapter required() {
        return Objects.requireNonNullElseGet(adapter, () -> {
            throw new IllegalStateException("there is no adapter, so training changes the weights");
        });
    }

    /**
     * A model that stays as this one is now while its adapter is trained: a reference without a second copy of the weights.
     * A fresh adapter is left out; of one that was trained before, a copy is kept. To be closed before this model.
     */
    public LanguageModel frozen() {
        LoraAdapter trained = required();
        return Torch.call(() -> new LanguageModel(this, trained.isNeutral() ? null : trained.copy(0), true));
    }

    /** The decoder, for use on the tensor thread. */
    public Decoder decoder() {
        return decoder;
    }

    /**
     * Turns text into ids the way this model does; its tokenizer is closed with the model.
     *
     * @throws IllegalStateException if the directory has no tokenizer
     */
    public ExampleEncoder encoder() {
        if (encoder == null) {
            throw base.withoutTokenizer();
        }
        return encoder;
    }

    /**
     * The tokenizer, closed with the model.
     *
     * @throws IllegalStateException if the directory has none
     */
    public TextTokenizer tokenizer() {
        return encoder().tokenizer();
    }

    /** From hidden states to logits: the model's own head, or the embedding when the two are tied. For use on the tensor thread. */
    public VocabularyHead head() {
        return new VocabularyHead(
                weights.get(TensorNames.logits(config)), config.logitCap().orElse(0));
    }

    /**
     * The logits after every token of some sequences, without gradients.
     *
     * @param batch the sequences
     * @return {@code [B][T][V]}; what stands at padding has no meaning
     */
    public float[][][] logits(PaddedBatch batch) {
        float[] flat = Torch.call(() -> Scope.call(() -> HostCopy.toFloats(head().logits(decoder.hidden(batch)))));
        int vocabulary = config.sizes().vocabulary();
        float[][][] logits = new float[batch.rows()][batch.width()][vocabulary];
        for (int row = 0; row < batch.rows(); row++) {
            for (int column = 0; column < batch.width(); column++) {
                int from = (row * batch.width() + column) * vocabulary;
                System.arraycopy(flat, from, logits[row][column], 0, vocabulary);
            }
        }
        return logits;
    }

    /**
     * The log-probability of every completion token given what stands before it, without gradients.
     *
     * @param examples rows of any lengths, each with a prompt of at least one token
     * @param temperature divides the logits; 1 for the model's own distribution
     * @return nats, at most 0: one array a row, in order, with one value for each token of its completion
     */
    public float[][] logProbs(List<EncodedExample> examples, double temperature) {
        return CompletionFigures.of(examples, batch -> logProbs(batch, temperature));
    }

    private NDArray logProbs(PaddedBatch batch, double temperature) {
        return TokenLogProbs.forward(predictingStates(batch), head(), batch.completionTargets(), temperature)
                .logProb();
    }

    /**
     * Log-probability and entropy of every completion token under the model's own distribution, for a loss. For use on the
     * tensor thread, inside a scope.
     *
     * @param tape collects the gradients of what the loss makes of them
     * @param batch rows, each with a prompt of at least one token
     * @return N values each, in the order of {@link PaddedBatch#completionTargets()}
     */
    public TokenLogProbs tokenLogProbs(Tape tape, PaddedBatch batch) {
        return TokenLogProbs.of(tape, predictingStates(batch), head(), batch.completionTargets(), 1);
    }

    /**
     * Negative log-likelihood of all completion tokens, summed, as a loss or a summand of one: faster than a sum of
     * {@link #tokenLogProbs}. For use on the tensor thread, inside a scope.
     *
     * @param tape of this pass
     * @param batch rows, each with a prompt of at least one token
     */
    public TokenCrossEntropy crossEntropy(Tape tape, PaddedBatch batch) {
        return TokenCrossEntropy.of(tape, predictingStates(batch), head(), batch.completionTargets());
    }

    /**
     * The hidden states that predict the completion tokens, {@code [N, H]}, in the order of
     * {@link PaddedBatch#completionTargets()}. For use on the tensor thread, inside a scope.
     *
     * @param batch rows, each with a prompt of at least one token
     */
    public NDArray predictingStates(PaddedBatch batch) {
        return decoder.predictingStates(batch);
    }

    /** SHA-256 of configuration and weights as they are now: equal for models that compute the same, however stored. */
    public byte[] sha256() {
        MessageDigest digest = Sha256.digest();
        digest.update(Json.pretty(config.toJson(Head.LANGUAGE_MODEL, WeightFormat.FLOAT32))
                .getBytes(StandardCharsets.UTF_8));
        if (weights.precision().computesBfloat16()) {
            digest.update(WeightFormat.BFLOAT16.label().getBytes(StandardCharsets.UTF_8));
        }
        Torch.run(() -> {
            weights.digestInto(digest);
            if (adapter != null) {
                adapter.digestInto(digest);
            }
        });
        return digest.digest();
    }

    /**
     * What the model's files say about generation. The tokens that end a text are those of
     * {@code generation_config.json}, or else of {@code config.json}, or else of the tokenizer.
     *
     * @throws DataFormatException if {@code generation_config.json} cannot be used
     */
    public GenerationDefaults generationDefaults() {
        Set<Integer> eosIds = new TreeSet<>(config.eosTokenIds());
        if (eosIds.isEmpty() && encoder != null) {
            encoder.tokenizer().eosId().ifPresent(eosIds::add);
        }
        byte[] file = carried.get(GenerationDefaults.FILE);
        return file == null
                ? GenerationDefaults.endingAt(eosIds)
                : GenerationDefaults.read(file, GenerationDefaults.FILE, eosIds);
    }

    /**
     * Completes prompts: plain text, or conversations, whose completion is the content of the assistant's next turn.
     *
     * @param prompts encoded by {@link #encoder()}
     * @param samples completions of each prompt, at least 1
     * @param config how; {@link #generationDefaults()} has what the model's files say
     * @return {@code prompts * samples} completions; sample s of prompt p is row {@code p * samples + s}
     * @throws DataFormatException if a prompt cannot be encoded or fills the model's context
     */
    public List<GeneratedCompletion> generate(
            List<Content> prompts, int samples, GenerationConfig config, GenerationListener listener) {
        return new Completions(this).of(prompts, samples, config, listener);
    }

    /**
     * A prompt as {@link #generate(List, int, GenerationConfig, GenerationListener)} reads it. Where prompts may be cut, as
     * much room is made as a completion may need; where not, one token is enough, and the limit ends the completion.
     *
     * @param maxNewTokens longest completion
     * @throws DataFormatException if it cannot be encoded
     */
    public EncodedExample encodePrompt(Content prompt, int maxNewTokens) {
        EncodingPolicy policy = encoder().policy();
        boolean cuts = policy.onOverlong() == EncodingPolicy.OnOverlong.TRUNCATE;
        // At least half of the limit is left to the prompt.
        return encoder().encodePrompt(prompt, cuts ? Math.min(maxNewTokens, policy.maxLength() / 2) : 1);
    }

    /** As {@link #generate(List, int, GenerationConfig, GenerationListener)}, one completion a prompt and nobody listening. */
    public List<GeneratedCompletion> generate(List<Content> prompts, GenerationConfig config) {
        return generate(prompts, 1, config, GenerationListener.NONE);
    }

    /**
     * Completes prompts of token ids.
     *
     * @param prompts each with at least one token
     * @return one completion a prompt, in order
     * @throws DataFormatException if a prompt is empty or fills the model's context
     */
    public List<GeneratedCompletion> generateIds(
            List<int[]> prompts, GenerationConfig config, GenerationListener listener) {
        return new Completions(this).ofIds(prompts, config, listener);
    }

    Generator generator() {
        return new Generator(decoder, head(), encoder == null ? null : encoder.tokenizer());
    }

    /**
     * Saves the model into a fresh directory, in the format that it was read from, with its encoding policy; where there is an
     * adapter, the adapter alone, in PEFT's layout.
     *
     * @param directory absent or empty
     * @throws IOException if it cannot be written
     */
    public void save(Path directory) throws IOException {
        @Nullable
        ModelSidecar sidecar = encoder == null
                ? null
                : new ModelSidecar(encoder.policy(), encoder.tokenizer().sha256(), null);
        LoraAdapter trained = adapter;
        if (trained != null) {
            base.save(directory, new BaseModel.Content(trained, Head.LANGUAGE_MODEL, weights, carried, sidecar));
            return;
        }
        Checkpoint.save(
                Storage.disk(),
                directory,
                new Checkpoint.Content(config, Head.LANGUAGE_MODEL, weights, format, carried, sidecar));
    }

    @Override
    public void close() {
        if (adapter != null) {
            adapter.close();
        }
        if (view) {
            return;
        }
        weights.close();
        if (encoder != null) {
            encoder.tokenizer().close();
        }
    }
}
