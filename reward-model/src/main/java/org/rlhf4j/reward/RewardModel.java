package org.rlhf4j.reward;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.PromptCompletion;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Precision;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.BaseModel;
import org.rlhf4j.lm.Checkpoint;
import org.rlhf4j.lm.Head;
import org.rlhf4j.lm.LengthBatches;
import org.rlhf4j.lm.ModelSidecar;
import org.rlhf4j.lm.PaddedBatch;
import org.rlhf4j.lm.PretrainedConfig;
import org.rlhf4j.lm.SequenceScorer;
import org.rlhf4j.lm.WeightFormat;
import org.rlhf4j.lm.lora.LoraAdapter;
import org.rlhf4j.lm.lora.LoraConfig;
import org.rlhf4j.lm.text.ChatFormat;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.lm.text.ExampleEncoder;

/**
 * A reward model: gives a completion of a prompt a score; higher is better, and only differences between completions of
 * one prompt carry meaning.
 *
 * <pre>{@code
 * try (RewardModel model = RewardModel.open(Path.of("run/model"))) {
 *     double score = model.score("Name a colour.", "Blue.");
 * }
 * }</pre>
 *
 * <p>May be used from many threads: their calls queue onto the one tensor thread, and what waits there together is scored
 * in one batch. A score depends on its own prompt and completion alone, within 1e-5 × max(1, |score|).
 */
public final class RewardModel implements CompletionScorer, AutoCloseable {
    /** Padded tokens of one forward pass when scoring; bounds the memory whatever the number of rows. */
    private static final int TOKENS_PER_BATCH = 16_384;

    private static final int ROWS_PER_BATCH = 512;

    private final PretrainedConfig config;
    private final Parameters weights;
    private final @Nullable LoraAdapter adapter;
    private final @Nullable BaseModel base;
    private final SequenceScorer scorer;
    private final ExampleEncoder encoder;
    private final WeightFormat format;
    private final Map<String, byte[]> carried;
    private final ModelSidecar sidecar;
    private final Queue<ScoreRequest> waiting = new ConcurrentLinkedQueue<>();
    private final ReadWriteLock life = new ReentrantReadWriteLock();
    private boolean closed;

    private RewardModel(Checkpoint checkpoint, RewardStart start, ExampleEncoder encoder) {
        this.config = start.config();
        this.weights = start.weights();
        this.adapter = start.adapter();
        this.base = adapter == null ? null : checkpoint.base();
        this.scorer = Torch.call(() -> config.scorer(weights, adapter));
        this.encoder = encoder;
        this.format = checkpoint.format();
        this.carried = checkpoint.carriedFiles();
        this.sidecar = new ModelSidecar(
                encoder.policy(),
                encoder.tokenizer().sha256(),
                checkpoint.sidecar().map(ModelSidecar::scores).orElse(null));
    }

    /**
     * Opens a reward model: a directory with one-label {@code *ForSequenceClassification} weights. It encodes text as it
     * was trained to; a model that RLHF4J did not train gets the policy that fits its tokenizer.
     *
     * @param directory the model directory
     * @return the model, the caller's to close
     * @throws DataFormatException if the directory holds no reward model, or one that is not supported
     */
    public static RewardModel open(Path directory) {
        return open(directory, UnaryOperator.identity());
    }

    /**
     * Opens a reward model to be used with changed encoding.
     *
     * @param directory the model directory
     * @param encoding changes the stored policy, or the one that fits the tokenizer where none is stored
     * @return the model, the caller's to close
     * @throws DataFormatException if the directory holds no reward model, or one that is not supported
     */
    public static RewardModel open(Path directory, UnaryOperator<EncodingPolicy> encoding) {
        return open(directory, encoding, Precision.FLOAT32);
    }

    /**
     * Opens a reward model to be used with changed encoding in some precision.
     *
     * @param directory the model directory
     * @param encoding changes the stored policy, or the one that fits the tokenizer where none is stored
     * @param precision what the weights are kept and computed in; scores are of float32
     * @return the model, the caller's to close
     * @throws DataFormatException if the directory holds no reward model, or one that is not supported
     */
    public static RewardModel open(Path directory, UnaryOperator<EncodingPolicy> encoding, Precision precision) {
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            if (checkpoint.head() != Head.SCALAR) {
                throw new DataFormatException(
                        directory.toString(),
                        0,
                        "is " + (checkpoint.head() == Head.NONE ? "an encoder" : "a language model")
                                + " without a score head; train a reward model from it first"
                                + " (rlhf reward train --model " + directory + " ...)");
            }
            Parameters weights = checkpoint.load(precision);
            return build(checkpoint, RewardStart.stored(checkpoint, weights), encoding);
        }
    }

    /** {@link #start(Path, UnaryOperator, long, Precision)} in float32. */
    public static RewardModel start(Path directory, UnaryOperator<EncodingPolicy> encoding, long seed) {
        return start(directory, encoding, seed, Precision.FLOAT32);
    }

    /**
     * Starts a reward model from a language model, with a fresh head in place of the old one, or from an encoder as it was
     * pre-trained, with a fresh head; or goes on with a reward model and its head.
     *
     * @param directory a language model, an encoder or a reward model
     * @param encoding changes the stored policy, or the one that fits the tokenizer where none is stored
     * @param seed of the fresh head
     * @param precision what it is trained in
     * @return the untrained model, the caller's to close
     * @throws DataFormatException if the directory holds no supported model, or its tokenizer has no padding token apart
     *     from its EOS token
     */
    public static RewardModel start(
            Path directory, UnaryOperator<EncodingPolicy> encoding, long seed, Precision precision) {
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            return build(checkpoint, RewardStart.of(checkpoint, seed, precision), encoding);
        }
    }

    /**
     * As {@link #start(Path, UnaryOperator, long, Precision)}, with a fresh adapter over frozen weights; the head is trained
     * along and saved with the adapter.
     *
     * @param lora how the adapter is made
     * @throws DataFormatException also if the directory holds an adapter already
     */
    public static RewardModel start(
            Path directory, UnaryOperator<EncodingPolicy> encoding, long seed, Precision precision, LoraConfig lora) {
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            return build(checkpoint, RewardStart.of(checkpoint, seed, precision, lora), encoding);
        }
    }

    private static RewardModel build(Checkpoint checkpoint, RewardStart start, UnaryOperator<EncodingPolicy> encoding) {
        @Nullable ExampleEncoder encoder = null;
        try {
            encoder = checkpoint.openEncoder(encoding);
            return new RewardModel(checkpoint, start, encoder);
        } catch (RuntimeException | Error e) {
            start.close();
            if (encoder != null) {
                encoder.tokenizer().close();
            }
            throw e;
        }
    }

    /** Turns text into ids the way this model was trained. */
    public ExampleEncoder encoder() {
        return encoder;
    }

    /** The weights that training changes: those of the adapter and its head where there is one; for the tensor thread. */
    public Parameters parameters() {
        return adapter == null ? weights : adapter.weights();
    }

    /** Mean and deviation of the scores on the data that the model was evaluated on, if it ever was. */
    public Optional<ModelSidecar.Scores> scale() {
        return Optional.ofNullable(sidecar.scores());
    }

    /**
     * {@inheritDoc}
     *
     * @throws DataFormatException if the pair cannot be encoded: a blank completion, too many tokens, unknown text
     * @throws IllegalStateException if the model is closed
     */
    @Override
    public double score(String prompt, String completion) {
        return score(Content.of(prompt), Content.of(completion));
    }

    /**
     * The score of a completion, text or conversation.
     *
     * @param prompt what was asked
     * @param completion what was answered
     * @return the score; higher is better
     * @throws DataFormatException if the pair cannot be encoded
     * @throws IllegalStateException if the model is closed
     */
    public double score(Content prompt, Content completion) {
        return scores(List.of(encode(prompt, completion)))[0];
    }

    @Override
    public double[] scoreAll(List<PromptCompletion> rows) {
        List<EncodedExample> examples = new ArrayList<>(rows.size());
        for (PromptCompletion row : rows) {
            examples.add(encode(Content.of(row.prompt()), Content.of(row.completion())));
        }
        return scores(examples);
    }

    /** Whether its encoding has a chat format. */
    @Override
    public boolean scoresConversations() {
        return encoder.policy().chatFormat() != ChatFormat.NONE;
    }

    @Override
    public double[] scoreSamples(List<Content> prompts, List<String> completions) {
        if (prompts.size() != completions.size()) {
            throw new IllegalArgumentException(
                    completions.size() + " completions for " + prompts.size() + " prompts: one each");
        }
        List<EncodedExample> examples = new ArrayList<>(completions.size());
        for (int i = 0; i < completions.size(); i++) {
            Content prompt = prompts.get(i);
            String completion = completions.get(i);
            try {
                examples.add(whileOpen(() -> encoder.encodeSample(prompt, completion)));
            } catch (DataFormatException e) {
                throw e.at("row " + (i + 1), 0);
            }
        }
        return scores(examples);
    }

    private EncodedExample encode(Content prompt, Content completion) {
        return whileOpen(() -> encoder.encode(prompt, completion));
    }

    /** Holds off {@link #close()} meanwhile: a native tokenizer must not be freed while a thread is in it. */
    private EncodedExample whileOpen(Supplier<EncodedExample> encoding) {
        life.readLock().lock();
        try {
            requireOpen();
            return encoding.get();
        } finally {
            life.readLock().unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the reward model is closed");
        }
    }

    /**
     * The scores of encoded rows, in their order.
     *
     * @param examples any number of rows of any lengths
     * @return {@code [examples.size()]}
     * @throws IllegalStateException if the model is closed
     */
    public double[] scores(List<EncodedExample> examples) {
        ScoreRequest request = new ScoreRequest(examples);
        waiting.add(request);
        Torch.run(this::drain);
        return request.result();
    }

    /** Scores whatever waits. Whoever comes later finds its own rows done. */
    private void drain() {
        List<ScoreRequest> taken = new ArrayList<>();
        for (ScoreRequest next = waiting.poll(); next != null; next = waiting.poll()) {
            taken.add(next);
        }
        answer(taken);
    }

    /** Scores requests as one set of rows; where that fails, each for itself, so that it fails only for its cause. */
    private void answer(List<ScoreRequest> taken) {
        List<EncodedExample> rows = new ArrayList<>();
        taken.forEach(request -> rows.addAll(request.examples));
        try {
            double[] scores = scoreNow(rows);
            int from = 0;
            for (ScoreRequest request : taken) {
                from = request.complete(scores, from);
            }
        } catch (RuntimeException e) {
            if (taken.size() == 1) {
                taken.get(0).failure = e;
            } else {
                taken.forEach(request -> answer(List.of(request)));
            }
        }
    }

    private double[] scoreNow(List<EncodedExample> rows) {
        requireOpen();
        int[] lengths = rows.stream().mapToInt(EncodedExample::length).toArray();
        double[] scores = new double[lengths.length];
        for (int[] batch : LengthBatches.plan(lengths, TOKENS_PER_BATCH, ROWS_PER_BATCH)) {
            List<EncodedExample> examples = new ArrayList<>(batch.length);
            for (int row : batch) {
                examples.add(rows.get(row));
            }
            float[] values =
                    Scope.call(() -> scorer.scores(PaddedBatch.of(examples)).toFloatArray());
            for (int i = 0; i < batch.length; i++) {
                scores[batch[i]] = values[i];
            }
        }
        return scores;
    }

    /** The network itself. */
    public SequenceScorer scorer() {
        return scorer;
    }

    /**
     * Saves the model into a fresh directory that transformers opens too; where there is an adapter, the adapter with its
     * head, for PEFT.
     *
     * @param directory absent, or empty
     * @param scale mean and deviation of its scores on evaluation data; null stores none
     * @throws IOException if it cannot be written; nothing is left behind
     */
    public void save(Path directory, ModelSidecar.@Nullable Scores scale) throws IOException {
        ModelSidecar stored = new ModelSidecar(sidecar.encoding(), sidecar.tokenizerSha256(), scale);
        if (adapter != null && base != null) {
            base.save(directory, new BaseModel.Content(adapter, Head.SCALAR, weights, carried, stored));
            return;
        }
        Checkpoint.save(
                Storage.disk(),
                directory,
                new Checkpoint.Content(config, Head.SCALAR, weights, format, carried, stored));
    }

    /** Frees the weights; calls that come later fail. Closing twice is harmless. */
    @Override
    public void close() {
        Torch.run(() -> {
            life.writeLock().lock();
            try {
                if (!closed) {
                    closed = true;
                    weights.close();
                    if (adapter != null) {
                        adapter.close();
                    }
                    encoder.tokenizer().close();
                }
            } finally {
                life.writeLock().unlock();
            }
        });
    }
}
