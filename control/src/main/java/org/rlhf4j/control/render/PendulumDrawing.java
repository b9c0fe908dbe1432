package org.rlhf4j.control.render;

import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;

/** The pendulum, and an arrow for the torque at its pivot. */
public final class PendulumDrawing {
    private static final double LARGEST_ARROW = Math.toRadians(150);

    private PendulumDrawing() {}

    /**
     * Draws it.
     *
     * @param graphics where
     * @param width of the picture in pixels
     * @param height of the picture in pixels
     * @param theta angle in radians, 0 upright, positive counter-clockwise
     * @param torque as a share of the largest, -1 to 1, positive counter-clockwise; 0 draws no arrow
     */
    public static void draw(Graphics2D graphics, int width, int height, double theta, double torque) {
        try (Scene scene = new Scene(graphics, width, height, -1.4, -1.4, 1.4, 1.4)) {
            scene.dashes(Scene.FAINT, 0.012, new Ellipse2D.Double(-1, -1, 2, 2));
            scene.disc(Scene.GOAL, 0, 1, 0.05);
            double x = -Math.sin(theta);
            double y = Math.cos(theta);
            scene.line(Scene.LIMB, 0.13, 0, 0, x, y);
            scene.disc(Scene.BODY, x, y, 0.13);
            scene.disc(Scene.INK, 0, 0, 0.06);
            scene.turn(0, 0, 0.38, LARGEST_ARROW * torque, 0.035);
        }
    }
}
