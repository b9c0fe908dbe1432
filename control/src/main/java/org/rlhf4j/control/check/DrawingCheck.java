package org.rlhf4j.control.check;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.render.Drawable;

/** Whether an environment that can be drawn is drawn. */
final class DrawingCheck {
    private static final int WIDTH = 60;
    private static final int HEIGHT = 40;

    private final String id;

    DrawingCheck(String id) {
        this.id = id;
    }

    void of(Environment<?> environment) {
        if (!(environment instanceof Drawable drawable)) {
            return;
        }
        if (drawable.framesPerSecond() <= 0) {
            throw new EnvironmentCheckException(
                    id + ": framesPerSecond must be positive, not " + drawable.framesPerSecond());
        }
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = image.createGraphics();
        try {
            drawable.draw(graphics, WIDTH, HEIGHT);
        } catch (RuntimeException e) {
            throw new EnvironmentCheckException(id + ": draw throws " + e, e);
        } finally {
            graphics.dispose();
        }
        for (int corner : new int[] {image.getRGB(0, 0), image.getRGB(WIDTH - 1, HEIGHT - 1)}) {
            if (corner >>> 24 != 0xff) {
                throw new EnvironmentCheckException(id + ": draw leaves the background empty; fill the picture first");
            }
        }
    }
}
