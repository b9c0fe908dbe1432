package org.rlhf4j.lm.text;

import java.util.Arrays;
import java.util.OptionalInt;

/**
 * How a sequence starts: with the prompt, of which the left may be cut, and the special tokens around it.
 *
 * @param frame the tokens
 * @param text the prompt without them
 */
record Opening(Frame frame, EncodedText text) {
    /** A prompt that brings its BOS token, or has none. */
    static Opening of(EncodedText text, OptionalInt bos) {
        int[] ids = text.ids();
        boolean starts = bos.isPresent() && ids.length > 0 && ids[0] == bos.getAsInt();
        return starts
                ? new Opening(
                        Frame.starting(ids[0]),
                        new EncodedText(Arrays.copyOfRange(ids, 1, ids.length), text.unknown(), text.firstUnknown()))
                : new Opening(Frame.NONE, text);
    }

    int length() {
        return frame.lead() + text.ids().length;
    }

    /** The ids without some on the left of the prompt. */
    int[] cut(int count) {
        int[] prompt = text.ids();
        return frame.around(Arrays.copyOfRange(prompt, count, prompt.length));
    }
}
