package org.rlhf4j.lm.generate;

import java.util.List;
import java.util.Set;

/**
 * How completions are generated.
 *
 * @param maxNewTokens most tokens of a completion; the model's context may end it earlier
 * @param sampling how each token is drawn
 * @param eosIds tokens that end a completion
 * @param stopStrings texts that end a completion and are cut off; one that spells a special token stops at that token
 * @param seed decides every draw: token t of row r depends on seed, r and t alone, not on what shares its batch
 * @param firstRow number of the first row, for who generates a long list piece by piece
 * @param batchTokens most tokens that are kept at a time, prompts and room for completions together; bounds the memory
 */
public record GenerationConfig(
        int maxNewTokens,
        Sampling sampling,
        Set<Integer> eosIds,
        List<String> stopStrings,
        long seed,
        long firstRow,
        int batchTokens) {
    /** Most tokens of a completion where nothing else is said. */
    public static final int MAX_NEW_TOKENS = 256;

    /** Tokens that are kept at a time where nothing else is said. */
    public static final int BATCH_TOKENS = 16_384;

    /** Checks the ranges. */
    public GenerationConfig {
        eosIds = Set.copyOf(eosIds);
        stopStrings = List.copyOf(stopStrings);
        if (maxNewTokens < 1) {
            throw new IllegalArgumentException("the limit is " + maxNewTokens + " new tokens, must be at least 1");
        }
        if (batchTokens < 1) {
            throw new IllegalArgumentException("a batch of " + batchTokens + " tokens is empty");
        }
        if (stopStrings.contains("")) {
            throw new IllegalArgumentException("a stop string is empty: it would stop everything");
        }
    }

    /** Greedy completions of up to 256 tokens that end at these tokens. */
    public static GenerationConfig endingAt(Set<Integer> eosIds) {
        return new GenerationConfig(MAX_NEW_TOKENS, Sampling.GREEDY, eosIds, List.of(), 0, 0, BATCH_TOKENS);
    }

    /** The same with another limit. */
    public GenerationConfig withMaxNewTokens(int other) {
        return new GenerationConfig(other, sampling, eosIds, stopStrings, seed, firstRow, batchTokens);
    }

    /** The same with another way to draw. */
    public GenerationConfig withSampling(Sampling other) {
        return new GenerationConfig(maxNewTokens, other, eosIds, stopStrings, seed, firstRow, batchTokens);
    }

    /** The same with other tokens that end a completion. */
    public GenerationConfig withEosIds(Set<Integer> other) {
        return new GenerationConfig(maxNewTokens, sampling, other, stopStrings, seed, firstRow, batchTokens);
    }

    /** The same with other texts that end a completion. */
    public GenerationConfig withStopStrings(List<String> other) {
        return new GenerationConfig(maxNewTokens, sampling, eosIds, other, seed, firstRow, batchTokens);
    }

    /** The same with another seed. */
    public GenerationConfig withSeed(long other) {
        return new GenerationConfig(maxNewTokens, sampling, eosIds, stopStrings, other, firstRow, batchTokens);
    }

    /** The same with rows that count from another number on. */
    public GenerationConfig withFirstRow(long other) {
        return new GenerationConfig(maxNewTokens, sampling, eosIds, stopStrings, seed, other, batchTokens);
    }

    /** The same with another bound of memory. */
    public GenerationConfig withBatchTokens(int other) {
        return new GenerationConfig(maxNewTokens, sampling, eosIds, stopStrings, seed, firstRow, other);
    }
}
