package org.rlhf4j.lm.text;

import java.util.Arrays;
import java.util.OptionalInt;

/**
 * How a sequence starts: with BOS or without, and with the prompt, of which the left may be cut.
 *
 * @param bos the token before the prompt
 * @param text the prompt without it
 */
record Opening(OptionalInt bos, EncodedText text) {
    /** A prompt that brings its BOS token, or has none. */
    static Opening of(EncodedText text, OptionalInt bos) {
        int[] ids = text.ids();
        boolean starts = bos.isPresent() && ids.length > 0 && ids[0] == bos.getAsInt();
        return starts
                ? new Opening(
                        bos,
                        new EncodedText(Arrays.copyOfRange(ids, 1, ids.length), text.unknown(), text.firstUnknown()))
                : new Opening(OptionalInt.empty(), text);
    }

    int bosLength() {
        return bos.isPresent() ? 1 : 0;
    }

    int length() {
        return bosLength() + text.ids().length;
    }

    /** The ids without some on the left of the prompt. */
    int[] cut(int count) {
        int[] prompt = text.ids();
        int[] ids = new int[length() - count];
        bos.ifPresent(id -> ids[0] = id);
        System.arraycopy(prompt, count, ids, bosLength(), prompt.length - count);
        return ids;
    }
}
