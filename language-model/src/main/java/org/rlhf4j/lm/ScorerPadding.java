package org.rlhf4j.lm;

import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.lm.text.TextTokenizer;

/** The padding token of a scorer: other readers find the last token of a sequence by it, so no text may end with it. */
public final class ScorerPadding {
    private ScorerPadding() {}

    /**
     * The configuration of a decoder with such a token: its own, or else the tokenizer's.
     *
     * @throws DataFormatException if neither names one, or the checkpoint is no decoder
     */
    public static ModelConfig of(Checkpoint checkpoint) {
        ModelConfig decoder = checkpoint.decoderConfig();
        try (TextTokenizer tokenizer = checkpoint.openTokenizer()) {
            Set<Integer> ends = new TreeSet<>(decoder.eosTokenIds());
            tokenizer.eosId().ifPresent(ends::add);
            if (decoder.padTokenId().filter(id -> !ends.contains(id)).isPresent()) {
                return decoder;
            }
            OptionalInt pad = tokenizer.padId();
            if (pad.isEmpty() || ends.contains(pad.getAsInt())) {
                throw new DataFormatException(
                        checkpoint.directory().toString(),
                        0,
                        "neither config.json nor the tokenizer names a padding token apart from EOS, which readers"
                                + " of a reward model need: add one to tokenizer_config.json");
            }
            return decoder.withPadTokenId(pad.getAsInt());
        }
    }
}
