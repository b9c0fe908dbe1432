package org.rlhf4j.lm.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the text that a tokenizer has no token for. Spans count code points, not {@code char}s.
 *
 * <p>A tokenizer with an unknown token puts it there. One without drops such text without a word, and shifts the spans of
 * what follows; how much was dropped is then what no token covers.
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

    /**
     * Counts the code points that no token covers.
     *
     * @param splits code points at which the tokenizer splits and which it means to leave out
     * @param known whether the tokenizer has a token for a code point
     */
    static EncodedText byCoverage(
            String text, int[] ids, @Nullable CharSpan[] spans, IntPredicate splits, IntPredicate known) {
        int length = text.codePointCount(0, text.length());
        boolean[] covered = new boolean[length];
        int missing = (int) text.codePoints().filter(splits.negate()).count();
        for (CharSpan span : spans) {
            if (span != null) {
                for (int i = span.getStart(); i < Math.min(span.getEnd(), length); i++) {
                    missing -= covered[i] ? 0 : 1;
                    covered[i] = true;
                }
            }
        }
        if (missing <= 0) {
            return new EncodedText(ids, 0, null);
        }
        String first = text.codePoints()
                .filter(splits.negate().and(known.negate()))
                .mapToObj(Character::toString)
                .findFirst()
                .orElse("");
        return new EncodedText(ids, missing, first);
    }

    private static String slice(String text, int start, int end) {
        int from = text.offsetByCodePoints(0, start);
        return text.substring(from, text.offsetByCodePoints(from, end - start));
    }
}
