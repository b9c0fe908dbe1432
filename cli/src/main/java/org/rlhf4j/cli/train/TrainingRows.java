package org.rlhf4j.cli.train;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.rlhf4j.cli.console.Terminal;
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
        List<T> training = reader.apply(config.data());
        Path evalData = config.evalData();
        List<T> heldOut = evalData == null ? List.of() : reader.apply(evalData);
        EncodingNotes.plainMarkers(encoder, terminal);
        return new TrainingRows<>(training, heldOut);
    }

    /** The same rows in another form. */
    public <R> TrainingRows<R> map(Function<T, R> form) {
        return new TrainingRows<>(
                training.stream().map(form).toList(), heldOut.stream().map(form).toList());
    }
}
