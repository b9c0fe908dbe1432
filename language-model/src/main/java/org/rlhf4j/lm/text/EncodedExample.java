package org.rlhf4j.lm.text;

import java.util.Arrays;

/**
 * A sequence of token ids, and which of them count: those of the completion, which a model is to learn or whose
 * log-probabilities are asked for. The others are only read.
 *
 * @param ids the ids, {@code [T]}
 * @param completionMask true where a token counts, {@code [T]}
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out, and compared by content
public record EncodedExample(int[] ids, boolean[] completionMask) {
    /** Copies the arrays and checks their lengths. */
    public EncodedExample {
        ids = ids.clone();
        completionMask = completionMask.clone();
        if (ids.length == 0) {
            throw new IllegalArgumentException("an example needs at least one token");
        }
        if (completionMask.length != ids.length) {
            throw new IllegalArgumentException(
                    "a mask of " + completionMask.length + " for " + ids.length + " tokens: one value each");
        }
    }

    /**
     * A prompt and its completion, joined: the first {@code promptLength} ids are the prompt with its BOS token, the rest
     * is the completion with its EOS token, all of which counts.
     *
     * @param ids the ids, {@code [T]}
     * @param promptLength how many of them are the prompt, 0 to T
     */
    public EncodedExample(int[] ids, int promptLength) {
        this(ids, from(promptLength, ids.length));
    }

    private static boolean[] from(int promptLength, int length) {
        if (promptLength < 0 || promptLength > length) {
            throw new IllegalArgumentException(
                    "the prompt has " + promptLength + " of " + length + " tokens, outside 0.." + length);
        }
        boolean[] mask = new boolean[length];
        Arrays.fill(mask, promptLength, length, true);
        return mask;
    }

    /** A copy of the ids, {@code [T]}. */
    @Override
    public int[] ids() {
        return ids.clone();
    }

    /** A copy of the mask, {@code [T]}. */
    @Override
    public boolean[] completionMask() {
        return completionMask.clone();
    }

    /** This prompt, followed by tokens that were generated to it, which count. */
    public EncodedExample with(int[] completion) {
        int[] joined = Arrays.copyOf(ids, ids.length + completion.length);
        System.arraycopy(completion, 0, joined, ids.length, completion.length);
        boolean[] mask = Arrays.copyOf(completionMask, joined.length);
        Arrays.fill(mask, ids.length, joined.length, true);
        return new EncodedExample(joined, mask);
    }

    /** Number of tokens, T. */
    public int length() {
        return ids.length;
    }

    /** Number of tokens before the first that counts; T when none does. */
    public int promptLength() {
        int length = 0;
        while (length < ids.length && !completionMask[length]) {
            length++;
        }
        return length;
    }

    /** Number of tokens that count, EOS included. */
    public int completionLength() {
        int count = 0;
        for (boolean counts : completionMask) {
            count += counts ? 1 : 0;
        }
        return count;
    }

    /** Copies ids and mask into a row of a batch. */
    public void copyInto(long[] targetIds, boolean[] targetMask, int from) {
        for (int i = 0; i < ids.length; i++) {
            targetIds[from + i] = ids[i];
            targetMask[from + i] = completionMask[i];
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EncodedExample that
                && Arrays.equals(completionMask, that.completionMask)
                && Arrays.equals(ids, that.ids);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + Arrays.hashCode(completionMask);
    }

    @Override
    public String toString() {
        return "EncodedExample" + Arrays.toString(ids) + " with a prompt of " + promptLength();
    }
}
