package org.rlhf4j.lm.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import org.jspecify.annotations.Nullable;

/**
 * Finds the text that a tokenizer has no token for. Spans count code points, not {@code char}s.
 *
 * <p>A tokenizer with an unknown token puts it there. One without drops such text without a word, so what no token covers
 * is what was lost; white space does not count, because splitting at it is no loss.
 */
final class UnknownText {
    private UnknownText() {}

    static EncodedText byToken(String text, int[] ids, @Nullable CharSpan[] spans, int unknownId) {
        int unknown = 0;
        @Nullable String first = null;
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] == unknownId) {
                unknown++;
                @Nullable CharSpan span = spans[i];
                if (first == null && span != null) {
                    first = slice(text, span.getStart(), span.getEnd());
                }
            }
        }
        return new EncodedText(ids, unknown, first);
    }

    static EncodedText byCoverage(String text, int[] ids, @Nullable CharSpan[] spans) {
        int length = text.codePointCount(0, text.length());
        boolean[] covered = new boolean[length];
        for (CharSpan span : spans) {
            if (span != null) {
                for (int i = span.getStart(); i < Math.min(span.getEnd(), length); i++) {
                    covered[i] = true;
                }
            }
        }
        int unknown = 0;
        @Nullable String first = null;
        int at = 0;
        for (int i = 0; i < length; i++) {
            int point = text.codePointAt(at);
            at += Character.charCount(point);
            if (!covered[i] && !Character.isWhitespace(point) && !Character.isSpaceChar(point)) {
                unknown++;
                first = first == null ? Character.toString(point) : first;
            }
        }
        return new EncodedText(ids, unknown, first);
    }

    private static String slice(String text, int start, int end) {
        int from = text.offsetByCodePoints(0, start);
        return text.substring(from, text.offsetByCodePoints(from, end - start));
    }
}
