package org.rlhf4j.control.render;

import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.RoundRectangle2D;

/** The cart with its pole, and dashed the limits at which an episode ends. */
public final class CartPoleDrawing {
    private static final double END_OF_TRACK = 2.4;
    private static final double LARGEST_ANGLE = Math.toRadians(12);
    private static final double CART_WIDTH = 0.62;
    private static final double CART_HEIGHT = 0.34;
    private static final double HINGE = 0.27;
    private static final double POLE = 1.0;

    private CartPoleDrawing() {}

    /**
     * Draws it.
     *
     * @param graphics where
     * @param width of the picture in pixels
     * @param height of the picture in pixels
     * @param x position of the cart in metres, 0 in the middle
     * @param theta angle of the pole in radians, 0 upright, positive to the right
     */
    public static void draw(Graphics2D graphics, int width, int height, double x, double theta) {
        try (Scene scene = new Scene(graphics, width, height, -2.75, -1.15, 2.75, 1.9)) {
            scene.line(Scene.INK, 0.025, -END_OF_TRACK, -0.22, END_OF_TRACK, -0.22);
            for (int side = -1; side <= 1; side += 2) {
                double end = side * END_OF_TRACK;
                scene.dashes(Scene.FAINT, 0.022, new Line2D.Double(end, -0.22, end, 1.5));
                scene.dashes(Scene.FAINT, 0.022, pole(x, side * LARGEST_ANGLE, 1.25));
            }
            scene.disc(Scene.INK, x - 0.18, -0.14, 0.08);
            scene.disc(Scene.INK, x + 0.18, -0.14, 0.08);
            scene.fill(
                    Scene.BODY,
                    new RoundRectangle2D.Double(x - CART_WIDTH / 2, -0.1, CART_WIDTH, CART_HEIGHT, 0.12, 0.12));
            scene.stroke(Scene.LIMB, 0.11, pole(x, theta, POLE));
            scene.disc(Scene.PAPER, x, HINGE - 0.13, 0.045);
        }
    }

    private static Line2D pole(double x, double theta, double length) {
        double hinge = HINGE - 0.13;
        return new Line2D.Double(x, hinge, x + length * Math.sin(theta), hinge + length * Math.cos(theta));
    }
}
