package org.rlhf4j.control.render;

import java.awt.Graphics2D;
import java.awt.geom.Path2D;
import java.awt.geom.Point2D;
import java.awt.geom.RoundRectangle2D;

/** The car in its valley, the flag that it has to reach, and an arrow for the push of its engine. */
public final class MountainCarDrawing {
    private static final double LEFT_WALL = -1.2;
    private static final double ARROW = 0.17;

    private MountainCarDrawing() {}

    /**
     * Draws it.
     *
     * @param graphics where
     * @param width of the picture in pixels
     * @param height of the picture in pixels
     * @param position of the car, -1.2 to 0.6
     * @param goal where the flag stands
     * @param push of the engine, -1 (full to the left) to 1; 0 draws no arrow
     */
    public static void draw(Graphics2D graphics, int width, int height, double position, double goal, double push) {
        try (Scene scene = new Scene(graphics, width, height, -1.35, 0, 0.75, 1.4)) {
            scene.fill(Scene.GROUND, land());
            scene.stroke(Scene.INK, 0.012, slope(new Path2D.Double(), -1.2, 0.6));
            scene.line(Scene.INK, 0.02, LEFT_WALL, height(LEFT_WALL), LEFT_WALL, height(LEFT_WALL) + 0.12);
            flag(scene, goal);
            car(scene, position, push);
        }
    }

    private static void flag(Scene scene, double goal) {
        double foot = height(goal);
        double top = foot + 0.24;
        scene.line(Scene.INK, 0.012, goal, foot, goal, top);
        Path2D pennant = new Path2D.Double();
        pennant.moveTo(goal, top);
        pennant.lineTo(goal + 0.13, top - 0.045);
        pennant.lineTo(goal, top - 0.09);
        pennant.closePath();
        scene.fill(Scene.GOAL, pennant);
    }

    private static void car(Scene scene, double position, double push) {
        double y = height(position);
        double incline = Math.atan(1.35 * Math.cos(3 * position));
        RoundRectangle2D body = new RoundRectangle2D.Double(-0.09, 0.035, 0.18, 0.055, 0.03, 0.03);
        RoundRectangle2D cabin = new RoundRectangle2D.Double(-0.045, 0.06, 0.09, 0.065, 0.04, 0.04);
        scene.fill(Scene.BODY, Scene.placed(body, position, y, incline));
        scene.fill(Scene.BODY, Scene.placed(cabin, position, y, incline));
        for (int side = -1; side <= 1; side += 2) {
            Point2D wheel = beside(position, incline, side * 0.055, 0.03);
            scene.disc(Scene.INK, wheel.getX(), wheel.getY(), 0.028);
        }
        Point2D arrow = beside(position, incline, 0, 0.19);
        scene.arrow(arrow.getX(), arrow.getY(), incline, ARROW * push, 0.016);
    }

    /** A place near the car: so far along the slope, so far above it. */
    private static Point2D beside(double position, double incline, double along, double above) {
        return new Point2D.Double(
                position + along * Math.cos(incline) - above * Math.sin(incline),
                height(position) + along * Math.sin(incline) + above * Math.cos(incline));
    }

    /** What is under the slope, to the edges of any picture. */
    private static Path2D land() {
        Path2D land = new Path2D.Double();
        slope(land, -8, 8);
        land.lineTo(8, -8);
        land.lineTo(-8, -8);
        land.closePath();
        return land;
    }

    private static Path2D slope(Path2D path, double from, double to) {
        path.moveTo(from, height(from));
        int pieces = (int) Math.ceil((to - from) / 0.02);
        for (int i = 1; i <= pieces; i++) {
            double position = from + (to - from) * i / pieces;
            path.lineTo(position, height(position));
        }
        return path;
    }

    private static double height(double position) {
        return 0.45 * Math.sin(3 * position) + 0.55;
    }
}
