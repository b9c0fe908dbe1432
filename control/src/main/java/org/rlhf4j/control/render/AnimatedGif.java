package org.rlhf4j.control.render;

import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** A film as an animated GIF at natural speed that starts again a second after its end. */
final class AnimatedGif {
    /** Viewers take a shorter delay than 2 hundredths of a second for a mistake and wait 10. */
    private static final int FASTEST = 50;

    private static final int HELD_AT_THE_END = 100;
    private static final String METADATA = "javax_imageio_gif_image_1.0";

    private AnimatedGif() {}

    static void write(Film film, OutputStream out) throws IOException {
        int rate = film.framesPerSecond();
        if (rate < 1 || rate > FASTEST) {
            throw new IllegalArgumentException("a GIF shows 1 to 50 frames a second, not " + rate);
        }
        List<Film.Frame> frames = film.frames();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        try (ImageOutputStream image = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(image);
            writer.prepareWriteSequence(null);
            for (int i = 0; i < frames.size(); i++) {
                BufferedImage picture = frames.get(i).picture();
                Rectangle changed = i == 0
                        ? new Rectangle(picture.getWidth(), picture.getHeight())
                        : changed(frames.get(i - 1).picture(), picture);
                BufferedImage part =
                        IndexedColours.of(picture.getSubimage(changed.x, changed.y, changed.width, changed.height));
                // The factory method would assume the JDK's standard palette.
                IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(part), null);
                metadata.mergeTree(METADATA, description(changed, delay(frames, i, rate), i == 0));
                writer.writeToSequence(new IIOImage(part, null, metadata), null);
            }
            writer.endWriteSequence();
        } finally {
            writer.dispose();
        }
    }

    private static int delay(List<Film.Frame> frames, int i, int rate) {
        return i == frames.size() - 1
                ? HELD_AT_THE_END
                : time(frames.get(i + 1).step(), rate) - time(frames.get(i).step(), rate);
    }

    /** When a step shows, in hundredths of a second: rounded as a whole, so that 30 a second keep their pace. */
    private static int time(int step, int rate) {
        return Math.round(100f * step / rate);
    }

    /** The smallest rectangle outside of which two pictures are equal; of equal ones, a corner. */
    private static Rectangle changed(BufferedImage before, BufferedImage after) {
        int left = after.getWidth();
        int right = -1;
        int top = after.getHeight();
        int bottom = -1;
        for (int y = 0; y < after.getHeight(); y++) {
            for (int x = 0; x < after.getWidth(); x++) {
                if (before.getRGB(x, y) != after.getRGB(x, y)) {
                    left = Math.min(left, x);
                    right = Math.max(right, x);
                    top = Math.min(top, y);
                    bottom = y;
                }
            }
        }
        return right < 0 ? new Rectangle(1, 1) : new Rectangle(left, top, right - left + 1, bottom - top + 1);
    }

    private static IIOMetadataNode description(Rectangle place, int delay, boolean first) {
        IIOMetadataNode root = new IIOMetadataNode(METADATA);
        IIOMetadataNode descriptor = new IIOMetadataNode("ImageDescriptor");
        descriptor.setAttribute("imageLeftPosition", Integer.toString(place.x));
        descriptor.setAttribute("imageTopPosition", Integer.toString(place.y));
        descriptor.setAttribute("imageWidth", Integer.toString(place.width));
        descriptor.setAttribute("imageHeight", Integer.toString(place.height));
        descriptor.setAttribute("interlaceFlag", "FALSE");
        root.appendChild(descriptor);
        IIOMetadataNode control = new IIOMetadataNode("GraphicControlExtension");
        control.setAttribute("disposalMethod", "none");
        control.setAttribute("userInputFlag", "FALSE");
        control.setAttribute("transparentColorFlag", "FALSE");
        control.setAttribute("delayTime", Integer.toString(delay));
        control.setAttribute("transparentColorIndex", "0");
        root.appendChild(control);
        if (first) {
            root.appendChild(endlessLoop());
        }
        return root;
    }

    private static IIOMetadataNode endlessLoop() {
        IIOMetadataNode extension = new IIOMetadataNode("ApplicationExtension");
        extension.setAttribute("applicationID", "NETSCAPE");
        extension.setAttribute("authenticationCode", "2.0");
        // Sub-block 1, then how often as two bytes: 0 is for ever.
        extension.setUserObject(new byte[] {1, 0, 0});
        IIOMetadataNode extensions = new IIOMetadataNode("ApplicationExtensions");
        extensions.appendChild(extension);
        return extensions;
    }
}
