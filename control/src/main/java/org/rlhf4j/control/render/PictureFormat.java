package org.rlhf4j.control.render;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Locale;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageException;

/** What a {@link Film} can be saved as. */
public enum PictureFormat {
    /** An animation at natural speed, for ever; all pictures of the film. */
    GIF,
    /** One sheet of up to 12 pictures, evenly spaced from the first to the last. */
    PNG;

    /**
     * The format that a file name asks for.
     *
     * @throws IllegalArgumentException if it ends neither in .gif nor in .png
     */
    public static PictureFormat of(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        for (PictureFormat format : values()) {
            if (name.endsWith("." + format.name().toLowerCase(Locale.ROOT))) {
                return format;
            }
        }
        throw new IllegalArgumentException(
                file + ": a picture ends in .gif (animation) or .png (one sheet of up to 12 states)");
    }

    /**
     * Saves a film, whole or not at all.
     *
     * @param film of at least one picture
     * @param file replaced if it exists; its directory must exist
     * @param storage where
     * @throws StorageException if it cannot be written
     * @throws IllegalArgumentException if a GIF cannot show as many frames a second
     */
    public void save(Film film, Path file, Storage storage) throws IOException {
        storage.writeAtomically(file, out -> write(film, out));
    }

    private void write(Film film, OutputStream out) throws IOException {
        switch (this) {
            case GIF -> AnimatedGif.write(film, out);
            case PNG -> ContactSheet.write(film, out);
        }
    }
}
