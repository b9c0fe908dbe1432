package org.rlhf4j.lm.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The ids of a text and where in it each stands.
 *
 * @param text the ids, {@code [T]}
 * @param starts first code point of each, {@code [T]}
 * @param ends code point after the last of each, {@code [T]}
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not compared
record EncodedSpans(EncodedText text, int[] starts, int[] ends) {
    /** Ids with the places that the tokenizer gives; a token without one stands where the one before it ends. */
    static EncodedSpans of(EncodedText text, @Nullable CharSpan[] spans) {
        int[] starts = new int[spans.length];
        int[] ends = new int[spans.length];
        for (int i = 0; i < spans.length; i++) {
            @Nullable CharSpan span = spans[i];
            int before = i == 0 ? 0 : ends[i - 1];
            starts[i] = span == null ? before : span.getStart();
            ends[i] = span == null ? before : span.getEnd();
        }
        return new EncodedSpans(text, starts, ends);
    }

    int length() {
        return starts.length;
    }

    boolean startsWith(int[] ids) {
        return ids.length <= length() && Arrays.equals(ids, 0, ids.length, text.ids(), 0, ids.length);
    }

    /** Whether the first tokens end, and the others start, at a code point. */
    boolean splitsAt(int tokens, int point) {
        return (tokens == 0 || ends[tokens - 1] <= point) && (tokens == length() || starts[tokens] >= point);
    }

    /** Whether a token has code points of a stretch. */
    boolean overlaps(int token, int start, int end) {
        return starts[token] < end && ends[token] > start;
    }
}
