package org.rlhf4j.lm.data;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.EncodedRow;
import org.rlhf4j.lm.text.EncodedRows;
import org.rlhf4j.lm.text.EncodingCounts;
import org.rlhf4j.lm.text.ExampleEncoder;
import org.rlhf4j.lm.text.TextRow;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.Located;

/**
 * Demonstrations as token ids, every row of them checked before anything is trained.
 *
 * @param rows the demonstrations, in the order of the data
 * @param counts what encoding did: rows read, cut and left out, tokens
 */
public record DemonstrationSet(List<EncodedDemonstration> rows, EncodingCounts counts) {
    /** Copies the list. */
    public DemonstrationSet {
        rows = List.copyOf(rows);
    }

    /**
     * Encodes rows.
     *
     * @param data demonstrations with their places, read once; what stands there twice is learned twice
     * @param encoder turns text into ids
     * @param loss which tokens are imitated
     * @return the demonstrations
     * @throws DataFormatException if a row cannot be encoded, or has no token to learn
     */
    public static DemonstrationSet encode(
            Iterator<Located<Demonstration>> data, ExampleEncoder encoder, LossTokens loss) {
        List<TextRow> texts = new ArrayList<>();
        data.forEachRemaining(row -> {
            Demonstration demonstration = row.value();
            texts.add(new TextRow(row.place(), demonstration.prompt(), List.of(demonstration.completion())));
        });
        EncodedRows encoded = encoder.encodeAll(texts);
        List<EncodedDemonstration> rows = new ArrayList<>(encoded.rows().size());
        for (EncodedRow row : encoded.rows()) {
            EncodedExample example = row.examples().get(0);
            try {
                rows.add(new EncodedDemonstration(
                        texts.get(row.index()).place(),
                        loss == LossTokens.ALL ? new EncodedExample(example.ids(), 1) : example));
            } catch (IllegalArgumentException e) {
                throw new DataFormatException(String.valueOf(e.getMessage()));
            }
        }
        return new DemonstrationSet(rows, encoded.counts());
    }
}
