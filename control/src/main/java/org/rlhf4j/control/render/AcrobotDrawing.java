package org.rlhf4j.control.render;

import java.awt.Graphics2D;
import java.awt.geom.Line2D;

/** The two links, hanging from the first joint, and the line that the free end has to swing above. */
public final class AcrobotDrawing {
    private AcrobotDrawing() {}

    /**
     * Draws it.
     *
     * @param graphics where
     * @param width of the picture in pixels
     * @param height of the picture in pixels
     * @param theta1 angle of the first link in radians, 0 hanging down, positive counter-clockwise
     * @param theta2 angle of the second link from the direction of the first
     */
    public static void draw(Graphics2D graphics, int width, int height, double theta1, double theta2) {
        try (Scene scene = new Scene(graphics, width, height, -2.3, -2.3, 2.3, 2.3)) {
            scene.dashes(Scene.GOAL, 0.03, new Line2D.Double(-2.2, 1, 2.2, 1));
            double x1 = Math.sin(theta1);
            double y1 = -Math.cos(theta1);
            double x2 = x1 + Math.sin(theta1 + theta2);
            double y2 = y1 - Math.cos(theta1 + theta2);
            scene.line(Scene.BODY, 0.19, 0, 0, x1, y1);
            scene.line(Scene.LIMB, 0.19, x1, y1, x2, y2);
            scene.disc(Scene.INK, 0, 0, 0.07);
            scene.disc(Scene.INK, x1, y1, 0.07);
            scene.disc(y2 > 1 ? Scene.GOAL : Scene.PAPER, x2, y2, 0.055);
        }
    }
}
