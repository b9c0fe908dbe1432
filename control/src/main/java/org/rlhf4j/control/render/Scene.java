package org.rlhf4j.control.render;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Arc2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;

/** A picture drawn in the units of an environment, y upwards, in the few colours that all pictures share. */
final class Scene implements AutoCloseable {
    static final Color PAPER = new Color(0xFAF9F6);
    static final Color INK = new Color(0x2E3440);
    static final Color FAINT = new Color(0xC9C5BC);
    static final Color GROUND = new Color(0xE6E1D6);
    static final Color BODY = new Color(0x2F6F9F);
    static final Color LIMB = new Color(0xE08E45);
    static final Color ACTION = new Color(0xC8385A);
    static final Color GOAL = new Color(0x3B9C6B);

    private final Graphics2D graphics;

    /** A blank picture, with the world's rectangle as large as fits in the middle. */
    Scene(Graphics2D onto, int width, int height, double left, double bottom, double right, double top) {
        graphics = (Graphics2D) onto.create();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setColor(PAPER);
        graphics.fillRect(0, 0, width, height);
        double scale = Math.min(width / (right - left), height / (top - bottom));
        graphics.translate(width / 2.0, height / 2.0);
        graphics.scale(scale, -scale);
        graphics.translate(-(left + right) / 2, -(bottom + top) / 2);
    }

    void fill(Color color, Shape shape) {
        graphics.setColor(color);
        graphics.fill(shape);
    }

    void stroke(Color color, double thickness, Shape shape) {
        graphics.setStroke(new BasicStroke((float) thickness, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.setColor(color);
        graphics.draw(shape);
    }

    void dashes(Color color, double thickness, Shape shape) {
        float[] pattern = {(float) (3 * thickness), (float) (4 * thickness)};
        graphics.setStroke(
                new BasicStroke((float) thickness, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 1, pattern, 0));
        graphics.setColor(color);
        graphics.draw(shape);
    }

    void line(Color color, double thickness, double x1, double y1, double x2, double y2) {
        stroke(color, thickness, new Line2D.Double(x1, y1, x2, y2));
    }

    void disc(Color color, double x, double y, double radius) {
        fill(color, new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
    }

    /**
     * A straight arrow.
     *
     * @param heading in radians from the x axis
     * @param length a negative one points backwards, 0 draws nothing
     */
    void arrow(double x, double y, double heading, double length, double thickness) {
        if (length != 0) {
            double tipX = x + length * Math.cos(heading);
            double tipY = y + length * Math.sin(heading);
            line(ACTION, thickness, x, y, tipX, tipY);
            head(tipX, tipY, length > 0 ? heading : heading + Math.PI, 2.4 * thickness);
        }
    }

    /**
     * An arrow around a point that starts above it.
     *
     * @param angle how far it goes, in radians; positive is counter-clockwise, 0 draws nothing
     */
    void turn(double x, double y, double radius, double angle, double thickness) {
        if (angle != 0) {
            Arc2D arc = new Arc2D.Double();
            // Arc2D counts its angles with y downwards.
            arc.setArcByCenter(x, y, radius, -90, -Math.toDegrees(angle), Arc2D.OPEN);
            stroke(ACTION, thickness, arc);
            double end = Math.PI / 2 + angle;
            double heading = end + (angle > 0 ? 1 : -1) * Math.PI / 2;
            head(x + radius * Math.cos(end), y + radius * Math.sin(end), heading, 2.4 * thickness);
        }
    }

    private void head(double x, double y, double heading, double size) {
        Path2D triangle = new Path2D.Double();
        triangle.moveTo(size, 0);
        triangle.lineTo(-0.4 * size, 0.8 * size);
        triangle.lineTo(-0.4 * size, -0.8 * size);
        triangle.closePath();
        fill(ACTION, placed(triangle, x, y, heading));
    }

    /** A shape turned by an angle about its origin, then moved. */
    static Shape placed(Shape shape, double x, double y, double angle) {
        AffineTransform place = AffineTransform.getTranslateInstance(x, y);
        place.rotate(angle);
        return place.createTransformedShape(shape);
    }

    @Override
    public void close() {
        graphics.dispose();
    }
}
