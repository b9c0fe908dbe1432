package org.rlhf4j.cli.console;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.lm.hub.Hub;
import org.rlhf4j.lm.hub.HubListener;
import org.rlhf4j.lm.hub.HubName;

/**
 * The models that options and settings name: a directory, or {@code org/name} on the Hugging Face Hub, which is then
 * taken from its cache or downloaded into it. A directory that is there comes first.
 */
public final class Models {
    /** What stands for a model in a synopsis. */
    public static final String LABEL = "DIR|ORG/NAME";

    private static final long NANOS_BETWEEN_REDRAWS = Duration.ofMillis(200).toNanos();
    private static final long NANOS_BETWEEN_LINES = Duration.ofSeconds(10).toNanos();
    private static final double MEGABYTE = 1e6;

    private final Terminal terminal;
    private @Nullable Hub hub;

    /**
     * Shows downloads on a terminal.
     *
     * @param terminal where they are shown
     */
    public Models(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Whether this means a model, and not a class: a directory, or a name on the hub, which has a slash. */
    public static boolean isModel(String given) {
        try {
            Path path = Path.of(given);
            return Files.isDirectory(path)
                    || (given.contains("/") && HubName.parse(path).isPresent());
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * The directory of a model; the same one each time.
     *
     * @param given as the user named it
     * @throws org.rlhf4j.base.DataFormatException if it is neither there nor a name on the hub
     * @throws IOException if it is on the hub and cannot be had
     */
    public Path directory(Path given) throws IOException {
        if (Files.exists(given)) {
            return given;
        }
        if (hub == null) {
            hub = Hub.ofProcess();
        }
        return hub.resolve(given, new Display());
    }

    /** Shows what is loaded: one line a file that is redrawn where a person watches, else one every few seconds. */
    private final class Display implements HubListener {
        private long last = System.nanoTime();

        @Override
        public void received(String file, long done, long size) {
            long now = System.nanoTime();
            boolean person = terminal.interactive();
            if (done == size && size >= MEGABYTE) {
                if (person) {
                    terminal.redraw("");
                }
                terminal.note("loaded %s, %,.1f MB", file, size / MEGABYTE);
            } else if (now - last >= (person ? NANOS_BETWEEN_REDRAWS : NANOS_BETWEEN_LINES)) {
                last = now;
                String format = "loading %s: %,.1f of %,.1f MB";
                if (person) {
                    terminal.redraw(
                            String.format(java.util.Locale.ROOT, format, file, done / MEGABYTE, size / MEGABYTE));
                } else {
                    terminal.note(format, file, done / MEGABYTE, size / MEGABYTE);
                }
            }
        }

        @Override
        public void note(String text) {
            terminal.note("%s", text);
        }
    }
}
