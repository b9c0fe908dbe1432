package org.rlhf4j.preference.format;

import java.util.List;
import java.util.OptionalInt;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;

/**
 * Finds where a prompt ends that stands at the head of both completions instead of in a field of its own.
 *
 * <p>Text is cut inside the longest common prefix of both: behind the last marker that opens a turn of the assistant,
 * and where there is none, at the last white space that leaves something but white space on both sides; a line break or
 * tab stays with the prompt, a space opens the completions (as in {@code "TL;DR:" + " good"}). A plain longest common
 * prefix, as TRL's {@code extract_prompt} takes it, would cut within words: {@code "four"} and {@code "five"} share an f.
 */
final class SharedPrompt {
    /** What opens a dialogue of hh-rlhf. */
    static final String HUMAN = "\n\nHuman:";

    /** What opens the assistant's turns in hh-rlhf. */
    static final String ASSISTANT = "\n\nAssistant:";

    private static final List<String> MARKERS = List.of(
            ASSISTANT,
            "\nAssistant:",
            "\nASSISTANT:",
            "### Response:",
            "### Assistant:",
            "[/INST]",
            "<|im_start|>assistant\n",
            "<|start_header_id|>assistant<|end_header_id|>\n\n",
            "<start_of_turn>model\n",
            "<|assistant|>\n");

    private SharedPrompt() {}

    /** The end of the last {@link #ASSISTANT} in the common prefix. */
    static OptionalInt endOfDialogue(String chosen, String rejected) {
        int common = commonPrefix(chosen, rejected);
        int at = chosen.lastIndexOf(ASSISTANT, common - ASSISTANT.length());
        return at < 0 ? OptionalInt.empty() : OptionalInt.of(at + ASSISTANT.length());
    }

    /** The end of the prompt of two texts, or nothing where they share none. */
    static OptionalInt end(String chosen, String rejected) {
        int common = commonPrefix(chosen, rejected);
        int end = -1;
        for (String marker : MARKERS) {
            int at = chosen.lastIndexOf(marker, common - marker.length());
            if (at >= 0) {
                end = Math.max(end, at + marker.length());
            }
        }
        if (end < 0) {
            end = endAtSpace(chosen, rejected, common);
        }
        return end < 0 ? OptionalInt.empty() : OptionalInt.of(end);
    }

    /** How many leading messages both share, leaving each at least one; 0 where they share none. */
    static int end(Content.Chat chosen, Content.Chat rejected) {
        List<Message> a = chosen.messages();
        List<Message> b = rejected.messages();
        int limit = Math.min(a.size(), b.size()) - 1;
        int end = 0;
        while (end < limit && a.get(end).equals(b.get(end))) {
            end++;
        }
        return end;
    }

    private static int endAtSpace(String chosen, String rejected, int common) {
        for (int i = common - 1; i > 0; i--) {
            char c = chosen.charAt(i);
            if (!Character.isWhitespace(c)) {
                continue;
            }
            int end = c == ' ' ? i : i + 1;
            if (chosen.substring(0, end).isBlank()) {
                return -1;
            }
            if (!chosen.substring(end).isBlank() && !rejected.substring(end).isBlank()) {
                return end;
            }
        }
        return -1;
    }

    private static int commonPrefix(String a, String b) {
        int limit = Math.min(a.length(), b.length());
        int length = 0;
        while (length < limit && a.charAt(length) == b.charAt(length)) {
            length++;
        }
        return length;
    }
}
