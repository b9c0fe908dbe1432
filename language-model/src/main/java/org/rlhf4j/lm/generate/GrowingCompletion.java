package org.rlhf4j.lm.generate;

import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.lm.text.EncodedExample;

/** A completion while its tokens arrive: its random stream, its end and its text. */
public final class GrowingCompletion {
    private final int row;
    private final int promptLength;
    private final int[] ids;
    private final float[] logProbs;
    private final Set<Integer> eosIds;
    private final Set<Integer> stopIds;
    private final SeededStream stream;
    private final @Nullable CompletionText text;
    private final GenerationListener listener;
    private int length;
    private @Nullable FinishReason finish;

    /**
     * A completion without tokens.
     *
     * @param row index of the prompt, for the listener
     * @param prompt its ids
     * @param room most tokens that may be generated, at least 1
     * @param ends the tokens that end it, with the reason that they give
     * @param stream the row's own
     * @param text grows with it, or null where there is no tokenizer
     * @param listener hears of it
     */
    public GrowingCompletion(
            int row,
            int[] prompt,
            int room,
            Ends ends,
            SeededStream stream,
            @Nullable CompletionText text,
            GenerationListener listener) {
        this.row = row;
        this.promptLength = prompt.length;
        this.length = prompt.length;
        this.ids = Arrays.copyOf(prompt, prompt.length + room);
        this.logProbs = new float[room];
        this.eosIds = ends.eosIds;
        this.stopIds = ends.stopIds;
        this.stream = stream;
        this.text = text;
        this.listener = listener;
    }

    /**
     * Tokens that end a completion.
     *
     * @param eosIds as end of the text
     * @param stopIds as stop strings
     */
    public record Ends(Set<Integer> eosIds, Set<Integer> stopIds) {}

    /** Index of the prompt. */
    public int row() {
        return row;
    }

    /** Tokens of prompt and completion so far. */
    public int length() {
        return length;
    }

    /** Most tokens that may still come. */
    public int room() {
        return ids.length - length;
    }

    /** A copy of the ids of prompt and completion so far. */
    public int[] ids() {
        return Arrays.copyOf(ids, length);
    }

    /** The newest token. */
    public int lastId() {
        return ids[length - 1];
    }

    /** The number that decides the next token, in [0, 1): that of this row and position alone. */
    public double uniform() {
        return stream.child(length - promptLength).nextDouble();
    }

    /** Takes the next token with its log-probability. */
    public void add(int id, float logProb) {
        logProbs[length - promptLength] = logProb;
        ids[length++] = id;
        if (eosIds.contains(id)) {
            end(FinishReason.EOS);
        } else if (stopIds.contains(id)) {
            end(FinishReason.STOP_STRING);
        } else {
            if (text != null) {
                tell(text.add(id));
            }
            if (text != null && text.stopped()) {
                end(FinishReason.STOP_STRING);
            } else if (length == ids.length) {
                end(FinishReason.LENGTH);
            }
        }
    }

    private void end(FinishReason reason) {
        finish = reason;
        if (text != null) {
            tell(text.finish());
        }
        listener.finished(row, completion());
    }

    private void tell(String piece) {
        if (!piece.isEmpty()) {
            listener.text(row, piece);
        }
    }

    /** Whether it has ended. */
    public boolean ended() {
        return finish != null;
    }

    /**
     * The result.
     *
     * @throws IllegalStateException if it has not ended
     */
    public GeneratedCompletion completion() {
        if (finish == null) {
            throw new IllegalStateException("the completion of row " + row + " goes on");
        }
        return new GeneratedCompletion(
                new EncodedExample(ids(), promptLength),
                text == null ? "" : text.text(),
                Arrays.copyOf(logProbs, length - promptLength),
                finish);
    }
}
