package org.rlhf4j.control.render;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pictures of one episode, each with the number of its step in a corner. However long the episode, it holds a bounded
 * number of them: when it is full every second one is dropped, and from then on half as many are kept. The last state is
 * always there.
 */
public final class Film {
    private final Drawable subject;
    private final int width;
    private final int height;
    private final int mostFrames;
    private final List<Frame> kept = new ArrayList<>();
    private @Nullable Frame last;
    private int stride = 1;

    /**
     * A picture.
     *
     * @param step how many steps were taken before it
     * @param picture of the state then
     */
    public record Frame(int step, BufferedImage picture) {}

    /**
     * An empty film.
     *
     * @param subject what is drawn
     * @param width of a picture in pixels
     * @param height of a picture in pixels
     * @param mostFrames how many pictures are kept at most, 2 or more
     */
    public Film(Drawable subject, int width, int height, int mostFrames) {
        if (mostFrames < 2) {
            throw new IllegalArgumentException("a film needs room for 2 frames, got " + mostFrames);
        }
        this.subject = subject;
        this.width = width;
        this.height = height;
        this.mostFrames = mostFrames;
    }

    /** Draws the state as it is now: once at the start of the episode, then after every step. */
    public void take() {
        int step = last == null ? 0 : last.step + 1;
        Frame frame = new Frame(step, picture(step));
        last = frame;
        if (step % stride == 0) {
            kept.add(frame);
        }
        // One place is left for the last state.
        if (kept.size() == mostFrames) {
            stride *= 2;
            kept.removeIf(old -> old.step % stride != 0);
        }
    }

    private BufferedImage picture(int step) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        subject.draw(graphics, width, height);
        Numerals.draw(graphics, step, width / 40.0, width / 40.0, width / 36.0);
        graphics.dispose();
        return picture;
    }

    /** How many steps the episode has had. */
    public int steps() {
        return last == null ? 0 : last.step;
    }

    /** One state in this many is kept, a power of two. */
    public int stride() {
        return stride;
    }

    /** How many steps make up a second. */
    public int framesPerSecond() {
        return subject.framesPerSecond();
    }

    /**
     * The pictures in their order, {@link #stride} steps from one to the next; only the last one may be nearer.
     *
     * @throws IllegalStateException if none was taken
     */
    public List<Frame> frames() {
        if (last == null) {
            throw new IllegalStateException("the film has no picture: take() one at the start of an episode");
        }
        List<Frame> frames = new ArrayList<>(kept);
        if (frames.get(frames.size() - 1).step != last.step) {
            frames.add(last);
        }
        return frames;
    }
}
