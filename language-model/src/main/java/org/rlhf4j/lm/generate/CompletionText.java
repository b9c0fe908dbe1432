package org.rlhf4j.lm.generate;

import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.lm.text.TextTokenizer;

/**
 * The text of a completion while its tokens arrive, cut before the first stop string.
 *
 * <p>Two things are held back until they are decided: a character of which some bytes are still to come, and text that a
 * stop string may start with.
 */
public final class CompletionText {
    /** What decoding gives for bytes that are no whole character. */
    private static final String REPLACEMENT = "\uFFFD";

    private final TextTokenizer tokenizer;
    private final List<String> stops;
    private boolean spaceDue;
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> context = new ArrayList<>();
    private final List<Integer> waiting = new ArrayList<>();
    private int told;
    private boolean stopped;

    /**
     * The text of a completion without tokens.
     *
     * @param tokenizer decodes; special tokens have no text
     * @param stops none of them empty
     * @param dropsSpace whether a space at the very start is not part of the text
     */
    public CompletionText(TextTokenizer tokenizer, List<String> stops, boolean dropsSpace) {
        this.tokenizer = tokenizer;
        this.stops = stops;
        this.spaceDue = dropsSpace;
    }

    /**
     * Takes the next token.
     *
     * @param id not one that ends the completion; an id that the tokenizer lacks has no text
     * @return the text that is now certain, often empty
     */
    public String add(int id) {
        if (tokenizer.contains(id)) {
            waiting.add(id);
            decode(false);
        }
        return tell(held());
    }

    /** Ends the completion: the text that was held back. */
    public String finish() {
        if (!stopped) {
            decode(true);
        }
        return tell(0);
    }

    /** Whether a stop string was met. */
    public boolean stopped() {
        return stopped;
    }

    /** The whole text so far. */
    public String text() {
        return text.toString();
    }

    /** Text depends on the tokens before (a leading space, say), so the last ones that gave some are decoded with it. */
    private void decode(boolean last) {
        String before = tokenizer.decode(ids(context), true);
        List<Integer> both = new ArrayList<>(context);
        both.addAll(waiting);
        String after = tokenizer.decode(ids(both), true);
        boolean incomplete = after.endsWith(REPLACEMENT) && !last;
        if (incomplete || after.length() <= before.length()) {
            return;
        }
        int from = text.length();
        int space = spaceDue && after.charAt(before.length()) == ' ' ? 1 : 0;
        spaceDue = false;
        text.append(after, before.length() + space, after.length());
        context.clear();
        context.addAll(waiting);
        waiting.clear();
        stop(from);
    }

    private void stop(int from) {
        int earliest = -1;
        for (String stop : stops) {
            int at = text.indexOf(stop, Math.max(0, from - stop.length() + 1));
            if (at >= 0 && (earliest < 0 || at < earliest)) {
                earliest = at;
            }
        }
        if (earliest >= 0) {
            text.setLength(earliest);
            stopped = true;
        }
    }

    /** Length of the longest end of the text that a stop string starts with. */
    private int held() {
        int held = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, text.length()); length > held; length--) {
                if (stop.startsWith(text.substring(text.length() - length))) {
                    held = length;
                }
            }
        }
        return stopped ? 0 : held;
    }

    private String tell(int held) {
        int end = text.length() - held;
        if (end <= told) {
            return "";
        }
        String piece = text.substring(told, end);
        told = end;
        return piece;
    }

    private static int[] ids(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
