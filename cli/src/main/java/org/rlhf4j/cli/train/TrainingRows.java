package org.rlhf4j.cli.train;

import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.ExampleEncoder;

/**
 * The rows of a run as token ids.
 *
 * @param training what is learned from
 * @param heldOut what is not; empty where there is none
 * @param <T> a row
 */
public record TrainingRows<T>(List<T> training, List<T> heldOut) {
    /**
     * Reads the files that the settings name.
     *
     * @param config names them
     * @param encoder what the reader encodes with; the user hears when it cannot tell markers from text
     * @param terminal where it shows
     * @param reader reads a file
     * @param <T> a row
     */
    public static <T> TrainingRows<T> read(
            TrainConfig config, ExampleEncoder encoder, Terminal terminal, Function<Path, List<T>> reader) {
        List<T> training = read(config.data(), reader);
        Path evalData = config.evalData();
        List<T> heldOut = evalData == null ? List.of() : read(evalData, reader);
        EncodingNotes.plainMarkers(encoder, terminal);
        return new TrainingRows<>(training, heldOut);
    }

    private static <T> List<T> read(Path file, Function<Path, List<T>> reader) {
        try {
            return reader.apply(file);
        } catch (DataFormatException e) {
            throw e.line() == 0 ? e : advised(e);
        }
    }

    private static DataFormatException advised(DataFormatException e) {
        return new DataFormatException(
                e.file(), e.line(), e.reason() + "; rlhf data check " + e.file() + " shows all that is wrong", e);
    }

    /**
     * Warns of held-out rows whose prompt is trained on too: what is measured on them says little about other prompts.
     *
     * @param example one of the sequences of a row; where it is a text without a prompt, all of it is compared
     * @param terminal where it shows
     * @return this
     */
    public TrainingRows<T> warnOfShared(Function<T, EncodedExample> example, Terminal terminal) {
        Set<IntBuffer> trained =
                training.stream().map(example).map(TrainingRows::asked).collect(Collectors.toSet());
        long shared = heldOut.stream()
                .map(example)
                .map(TrainingRows::asked)
                .filter(trained::contains)
                .count();
        if (shared > 0) {
            terminal.note(
                    "%d of %d held-out rows have a prompt that is trained on too; rlhf data split keeps them apart",
                    shared, heldOut.size());
        }
        return this;
    }

    /** A prompt is what stands before the completion, if that is more than a token that opens every sequence. */
    private static IntBuffer asked(EncodedExample example) {
        int length = example.promptLength();
        return IntBuffer.wrap(length > 1 ? Arrays.copyOf(example.ids(), length) : example.ids());
    }

    /** The same rows in another form. */
    public <R> TrainingRows<R> map(Function<T, R> form) {
        return new TrainingRows<>(
                training.stream().map(form).toList(), heldOut.stream().map(form).toList());
    }
}
