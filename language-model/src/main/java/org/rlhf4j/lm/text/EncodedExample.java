package org.rlhf4j.lm.text;

import java.util.Arrays;

/**
 * A prompt and its completion as token ids, joined: the first {@code promptLength} ids are the prompt with its BOS token,
 * the rest is the completion with its EOS token.
 *
 * @param ids the ids, {@code [T]}
 * @param promptLength how many of them are the prompt, 0 to T
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out, and compared by content
public record EncodedExample(int[] ids, int promptLength) {
    /** Copies the ids and checks the boundary. */
    public EncodedExample {
        ids = ids.clone();
        if (ids.length == 0) {
            throw new IllegalArgumentException("an example needs at least one token");
        }
        if (promptLength < 0 || promptLength > ids.length) {
            throw new IllegalArgumentException(
                    "the prompt has " + promptLength + " of " + ids.length + " tokens, outside 0.." + ids.length);
        }
    }

    /** A copy of the ids, {@code [T]}. */
    @Override
    public int[] ids() {
        return ids.clone();
    }

    /** Number of tokens, T. */
    public int length() {
        return ids.length;
    }

    /** Number of tokens of the completion, EOS included. */
    public int completionLength() {
        return ids.length - promptLength;
    }

    /** Copies the ids into a row of a batch. */
    public void copyInto(long[] target, int from) {
        for (int i = 0; i < ids.length; i++) {
            target[from + i] = ids[i];
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EncodedExample that
                && promptLength == that.promptLength
                && Arrays.equals(ids, that.ids);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + promptLength;
    }

    @Override
    public String toString() {
        return "EncodedExample" + Arrays.toString(ids) + " with a prompt of " + promptLength;
    }
}
