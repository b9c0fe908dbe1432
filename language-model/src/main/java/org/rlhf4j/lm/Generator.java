package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.PackedLinear;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.core.tensor.VocabularyHead;
import org.rlhf4j.lm.generate.CompletionText;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.generate.GenerationConfig;
import org.rlhf4j.lm.generate.GenerationListener;
import org.rlhf4j.lm.generate.GrowingCompletion;
import org.rlhf4j.lm.generate.TokenSampler;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.TextTokenizer;

/**
 * Continues prompts token by token. Prompts of similar length share a batch, whose keys and values are kept; a row that
 * ends leaves its batch.
 *
 * <p>Used on the tensor thread.
 */
final class Generator implements AutoCloseable {
    private final NDManager owner = Torch.manager().newSubManager();
    private final ModelConfig model;
    private final Decoder decoder;
    private final PackedLinear head;
    private final double cap;
    private final @Nullable TextTokenizer tokenizer;

    /**
     * A generator with the weights as they are now.
     *
     * @param decoder the decoder
     * @param head gives the logits
     * @param tokenizer makes text of ids, or null for none
     */
    Generator(Decoder decoder, VocabularyHead head, @Nullable TextTokenizer tokenizer) {
        this.model = decoder.config();
        this.decoder = decoder.packed(owner);
        NDArray weight = head.weight();
        boolean narrow = decoder.type() == TorchOps.BFLOAT16 && PackedLinear.isFaster(weight);
        this.head = Scope.call(() -> new PackedLinear(owner, narrow ? TorchOps.toBfloat16(weight) : weight, null));
        this.cap = head.cap();
        this.tokenizer = tokenizer;
    }

    /**
     * A prompt.
     *
     * @param ids its tokens, at least one
     * @param stops texts that end its completion, apart from those of the configuration
     * @param dropsSpace whether a space at the start of the completion is not part of its text
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, not kept
    record Prompt(int[] ids, List<String> stops, boolean dropsSpace) {}

    /**
     * Completes every prompt.
     *
     * @param limit most tokens of a prompt with its completion, at most the model's context
     * @return one completion a prompt, in order
     * @throws DataFormatException if a prompt is empty or fills the model's context
     */
    List<GeneratedCompletion> generate(
            List<Prompt> prompts, int limit, GenerationConfig config, GenerationListener listener) {
        List<GrowingCompletion> all = new ArrayList<>();
        int[] lengths = new int[prompts.size()];
        SeededStream streams = SeededStream.of(config.seed(), "sample");
        for (int row = 0; row < lengths.length; row++) {
            Prompt prompt = prompts.get(row);
            int room = Math.min(config.maxNewTokens(), room(row, prompt, limit));
            requireOneRegime(row, prompt.ids.length, room);
            lengths[row] = prompt.ids.length + room;
            all.add(growing(row, prompt, room, config, streams.child(config.firstRow() + row), listener));
        }
        TokenSampler sampler = new TokenSampler(config.sampling());
        Torch.withoutGradients(() -> {
            for (int[] rows : LengthBatches.plan(lengths, config.batchTokens(), Math.max(1, lengths.length))) {
                List<GrowingCompletion> batch =
                        Arrays.stream(rows).mapToObj(all::get).toList();
                Scope.run(() -> complete(batch, sampler));
            }
            return true;
        });
        return all.stream().map(GrowingCompletion::completion).toList();
    }

    /**
     * Keys that are kept were turned for a shorter sequence: where frequencies change with the length, a completion may not
     * lead from one set of them to another.
     */
    private void requireOneRegime(int row, int promptTokens, int room) {
        for (int layer = 0; layer < model.sizes().layers(); layer++) {
            RopeScaling scaling = model.rope(layer).map(Rope::scaling).orElse(new RopeScaling.Plain());
            if (scaling.regime(promptTokens) != scaling.regime(promptTokens + room)) {
                throw new DataFormatException("prompt " + row + " has " + promptTokens + " tokens, and " + room
                        + " more lead beyond the " + scaling.regime(1) + " of pre-training, where " + scaling.type()
                        + " positions change for all tokens: ask for fewer (--max-new-tokens)");
            }
        }
    }

    private static int room(int row, Prompt prompt, int limit) {
        if (prompt.ids.length == 0) {
            throw new DataFormatException("prompt " + row + " has no token, not even BOS: nothing predicts the first");
        }
        if (prompt.ids.length >= limit) {
            throw new DataFormatException("prompt " + row + " has " + prompt.ids.length
                    + " tokens and leaves no room within the limit of " + limit);
        }
        return limit - prompt.ids.length;
    }

    private GrowingCompletion growing(
            int row,
            Prompt prompt,
            int room,
            GenerationConfig config,
            SeededStream stream,
            GenerationListener listener) {
        List<String> stops = new ArrayList<>(config.stopStrings());
        stops.addAll(prompt.stops);
        Set<Integer> stopIds = new TreeSet<>();
        if (tokenizer == null && !stops.isEmpty()) {
            throw new IllegalArgumentException("stop strings need a tokenizer, and the model came without one");
        }
        if (tokenizer != null) {
            stops.stream()
                    .filter(tokenizer.specials()::containsKey)
                    .forEach(stop -> stopIds.add(tokenizer.specials().get(stop)));
        }
        return new GrowingCompletion(
                row,
                prompt.ids,
                room,
                new GrowingCompletion.Ends(config.eosIds(), stopIds),
                stream,
                tokenizer == null ? null : new CompletionText(tokenizer, stops, prompt.dropsSpace),
                listener);
    }

    private void complete(List<GrowingCompletion> batch, TokenSampler sampler) {
        List<GrowingCompletion> rows = new ArrayList<>(batch);
        PaddedBatch prompts = PaddedBatch.of(
                rows.stream()
                        .map(row -> new EncodedExample(row.ids(), row.length()))
                        .toList(),
                PaddedBatch.Side.LEFT,
                0);
        int room = rows.stream().mapToInt(GrowingCompletion::room).max().orElseThrow();
        KeyValueCache cache = new KeyValueCache(model, decoder.type(), prompts, prompts.width() + room);
        Scope.run(() -> choose(rows, decoder.begin(prompts, cache), sampler));
        leave(rows, cache);
        while (!rows.isEmpty()) {
            long[] ids = rows.stream().mapToLong(GrowingCompletion::lastId).toArray();
            Scope.run(() -> choose(rows, decoder.next(ids, cache), sampler));
            leave(rows, cache);
        }
    }

    /** Gives every row its next token. */
    private void choose(List<GrowingCompletion> rows, NDArray hidden, TokenSampler sampler) {
        NDArray logits = TorchOps.softCap(TorchOps.widened(head.apply(hidden.get(new NDIndex(":, -1")))), cap);
        TokenSampler.Choice choice = sampler.choose(
                logits, row -> rows.get(row).ids(), row -> rows.get(row).uniform());
        for (int i = 0; i < rows.size(); i++) {
            rows.get(i).add(choice.ids()[i], choice.logProbs()[i]);
        }
    }

    /** Rows that have ended go; the last ones take their places, as they do in the cache. */
    private static void leave(List<GrowingCompletion> rows, KeyValueCache cache) {
        List<Integer> leaving = new ArrayList<>();
        for (int i = rows.size() - 1; i >= 0; i--) {
            if (rows.get(i).ended()) {
                leaving.add(i);
                rows.set(i, rows.get(rows.size() - 1));
                rows.remove(rows.size() - 1);
            }
        }
        if (!leaving.isEmpty()) {
            cache.leave(leaving);
        }
    }

    @Override
    public void close() {
        owner.close();
    }
}
