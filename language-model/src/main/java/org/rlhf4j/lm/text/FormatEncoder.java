package org.rlhf4j.lm.text;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Message;

/** Conversations in one of RLHF4J's own formats. */
record FormatEncoder(TextTokenizer tokenizer, ChatFormat format) implements ConversationEncoder {
    @Override
    public EncodedText prompt(List<Message> messages) {
        requireFormat();
        return ids(format.prompt(messages));
    }

    @Override
    public List<Part> completion(List<Message> prompt, List<Message> messages) {
        requireFormat();
        return format.completion(messages).stream()
                .map(stretch -> new Part(ids(stretch.segments()), stretch.counts()))
                .toList();
    }

    @Override
    public List<String> stops() {
        return format.stops();
    }

    @Override
    public boolean answersStartWithSpace() {
        return format.answersStartWithSpace();
    }

    private void requireFormat() {
        if (format == ChatFormat.NONE) {
            throw new DataFormatException("is a conversation, and how to write it down was not chosen: use "
                    + (tokenizer.hasChatTemplate() ? "--chat-format template, " : "")
                    + "--chat-format chatml or --chat-format human-assistant");
        }
    }

    /** Markers that are special tokens become those; everything between two of them is encoded as one text. */
    private EncodedText ids(List<Segment> segments) {
        List<EncodedText> parts = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (Segment segment : segments) {
            @Nullable Integer special = segment.marker() ? tokenizer.specials().get(segment.text()) : null;
            if (special == null) {
                text.append(segment.text());
            } else {
                parts.add(tokenizer.content(text.toString()));
                parts.add(new EncodedText(new int[] {special}, 0, null));
                text.setLength(0);
            }
        }
        parts.add(tokenizer.content(text.toString()));
        return EncodedText.join(parts);
    }
}
