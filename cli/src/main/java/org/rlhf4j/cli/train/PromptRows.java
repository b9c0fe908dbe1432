package org.rlhf4j.cli.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.text.EncodingCounts;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.read.Preferences;
import org.rlhf4j.preference.read.Rows;

/** Files of rows as the prompts in them, each of which counts once. */
public final class PromptRows {
    private PromptRows() {}

    /** Takes a prompt or leaves it. */
    @FunctionalInterface
    private interface Visitor {
        /**
         * A prompt that was not there before.
         *
         * @throws DataFormatException without a place, if it cannot be used
         */
        void take(Content prompt);
    }

    /**
     * The prompts of a file, in the order of their first rows.
     *
     * @param file rows with a prompt, in any known format
     * @throws DataFormatException if a row has none, or there is no row
     */
    public static List<Content> distinct(Path file) {
        Set<Content> prompts = new LinkedHashSet<>();
        visit(file, prompts::add);
        if (prompts.isEmpty()) {
            throw new DataFormatException(file.toString(), 0, "holds no prompt");
        }
        return List.copyOf(prompts);
    }

    /**
     * The prompts of a file that leave a model room to answer; says what became of the others.
     *
     * @param file rows with a prompt, in any known format
     * @param model its encoding policy says what a prompt that is too long does
     * @param maxNewTokens room for an answer
     * @throws DataFormatException if a row has no prompt or one that cannot be encoded, or none is left
     */
    public static List<Content> answerable(Path file, LanguageModel model, int maxNewTokens, Terminal terminal) {
        Answerable answerable = new Answerable(model, maxNewTokens);
        long rows = visit(file, answerable);
        EncodingNotes.counts(file, "prompts", answerable.counts(rows), terminal);
        if (rows > answerable.distinct) {
            terminal.note("%s: %,d rows repeat a prompt and count once", file, rows - answerable.distinct);
        }
        return List.copyOf(answerable.kept);
    }

    /** Keeps prompts with room for an answer. */
    private static final class Answerable implements Visitor {
        private final LanguageModel model;
        private final EncodingPolicy policy;
        private final int maxNewTokens;
        private final List<Content> kept = new ArrayList<>();
        private long distinct;
        private long cut;
        private long dropped;
        private long tokens;
        private int longest;

        Answerable(LanguageModel model, int maxNewTokens) {
            this.model = model;
            this.policy = model.encoder().policy();
            this.maxNewTokens = maxNewTokens;
        }

        @Override
        public void take(Content prompt) {
            distinct++;
            int length = model.encoder().promptLength(prompt);
            boolean fits = length + maxNewTokens <= policy.maxLength();
            if (fits || policy.onOverlong() == EncodingPolicy.OnOverlong.TRUNCATE) {
                int asked = model.encodePrompt(prompt, maxNewTokens).length();
                cut += asked < length ? 1 : 0;
                tokens += asked;
                longest = Math.max(longest, asked);
                kept.add(prompt);
            } else if (policy.onOverlong() == EncodingPolicy.OnOverlong.DROP) {
                dropped++;
            } else {
                throw new DataFormatException("the prompt has " + length + " tokens and leaves no room for "
                        + maxNewTokens + " more: the limit is " + policy.maxLength()
                        + "; lower training.maxNewTokens, or choose --on-overlong truncate or drop");
            }
        }

        EncodingCounts counts(long rows) {
            return new EncodingCounts(rows, kept.size(), cut, dropped, 0, tokens, longest);
        }
    }

    /** Shows each prompt once; returns the number of rows. */
    private static long visit(Path file, Visitor visitor) {
        Set<Content> seen = new HashSet<>();
        long count = 0;
        try (Rows<Row> rows = Preferences.read(file)) {
            while (rows.hasNext()) {
                var row = rows.next();
                Content prompt = row.value().prompt();
                if (prompt == null) {
                    throw new DataFormatException(row.file(), row.line(), "the row has no \"prompt\" of its own");
                }
                count++;
                if (seen.add(prompt)) {
                    try {
                        visitor.take(prompt);
                    } catch (DataFormatException e) {
                        throw e.at(row.file(), row.line());
                    }
                }
            }
        }
        return count;
    }
}
