package org.rlhf4j.lm.text;

import java.util.List;
import org.rlhf4j.base.Message;

/** Turns conversations into ids. */
sealed interface ConversationEncoder permits FormatEncoder, TemplateEncoder {
    /**
     * The conversation up to where the assistant answers.
     *
     * @throws org.rlhf4j.base.DataFormatException without a place, if the messages do not fit
     */
    EncodedText prompt(List<Message> messages);

    /**
     * What follows a prompt: the assistant's answer, and turns after it.
     *
     * @throws org.rlhf4j.base.DataFormatException without a place, if the messages do not fit
     */
    List<Part> completion(List<Message> prompt, List<Message> messages);

    /** What a completion ends with where the assistant's turn does. */
    List<String> stops();

    /** Whether an answer starts with a space that is not part of its content. */
    boolean answersStartWithSpace();
}
