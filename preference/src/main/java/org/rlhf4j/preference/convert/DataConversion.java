package org.rlhf4j.preference.convert;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.RowConversion;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;

/**
 * Rewrites rows of any format with the fields of a layout, one source after the other or mixed.
 *
 * @param options how the rows are understood
 * @param to what rows become; null to leave them what they are
 * @param dropInvalid whether an invalid row is counted and left out; otherwise it ends the conversion
 * @param layout which fields are written
 * @param mixing how sources are mixed; null to take them one after the other
 */
public record DataConversion(
        ReadOptions options,
        @Nullable RowConversion<?> to,
        boolean dropInvalid,
        OutputLayout layout,
        @Nullable Mixing mixing) {
    /**
     * To the canonical fields, one source after the other.
     *
     * @param options how the rows are understood
     * @param to what rows become; null to leave them what they are
     * @param dropInvalid whether an invalid row is counted and left out; otherwise it ends the conversion
     */
    public DataConversion(ReadOptions options, @Nullable RowConversion<?> to, boolean dropInvalid) {
        this(options, to, dropInvalid, OutputLayout.CANONICAL, null);
    }

    /**
     * Converts.
     *
     * @param sources where the rows come from; all must give the same kind of row; as many as there are weights, if they
     *     are mixed
     * @param out where they go; finished when this returns
     * @return what was done
     * @throws DataFormatException if a source cannot be read, its format cannot be told, its rows are of another kind than
     *     those before, a row is invalid and not to be dropped, a row differs from those before where all must be alike, or
     *     nothing is left to write
     * @throws IOException if a row cannot be written
     */
    public ConversionReport run(List<DataSource> sources, RowWriter out) throws IOException {
        ConversionRun run = new ConversionRun(this, out);
        if (mixing == null) {
            run.inTurn(sources);
        } else {
            run.mixed(sources, mixing);
        }
        return run.finish();
    }
}
