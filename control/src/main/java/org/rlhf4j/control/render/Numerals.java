package org.rlhf4j.control.render;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;

/** Whole numbers drawn as lines: machines without a screen often have no fonts either, and text would fail there. */
final class Numerals {
    private static final double ADVANCE = 3.1;

    /** For each digit its corners, x 0 to 2 and y 0 to 4 downwards; a bar starts a new line. */
    private static final String[] DIGITS = {
        "0.6,0 1.4,0 2,0.6 2,3.4 1.4,4 0.6,4 0,3.4 0,0.6 0.6,0",
        "0.3,0.8 1.1,0 1.1,4",
        "0,0.7 0.6,0 1.4,0 2,0.6 2,1.3 0,4 2,4",
        "0,0 2,0 1,1.6 1.4,1.6 2,2.2 2,3.4 1.4,4 0.6,4 0,3.4",
        "1.5,4 1.5,0 0,2.8 2,2.8",
        "1.9,0 0.2,0 0.1,1.7 1.3,1.6 2,2.2 2,3.4 1.4,4 0.6,4 0,3.4",
        "1.7,0.1 0.8,0.6 0,2 0,3.4 0.6,4 1.4,4 2,3.4 2,2.4 1.4,1.8 0.6,1.8 0,2.4",
        "0,0 2,0 0.7,4",
        "0.6,1.8 0.1,1.3 0.1,0.5 0.6,0 1.4,0 1.9,0.5 1.9,1.3 1.4,1.8 0.6,1.8"
                + "|0.6,1.8 0,2.4 0,3.4 0.6,4 1.4,4 2,3.4 2,2.4 1.4,1.8",
        "0.3,3.9 1.2,3.4 2,2 2,0.6 1.4,0 0.6,0 0,0.6 0,1.6 0.6,2.2 1.4,2.2 2,1.6"
    };

    private Numerals() {}

    /**
     * Draws a number.
     *
     * @param onto where
     * @param number 0 or more
     * @param left pixel column of its left edge
     * @param top pixel row of its upper edge
     * @param height in pixels
     */
    static void draw(Graphics2D onto, int number, double left, double top, double height) {
        Graphics2D graphics = (Graphics2D) onto.create();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setStroke(new BasicStroke(0.62f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.setColor(Scene.INK);
        graphics.translate(left, top);
        graphics.scale(height / 4, height / 4);
        String digits = Integer.toString(number);
        for (int i = 0; i < digits.length(); i++) {
            Path2D digit = path(DIGITS[digits.charAt(i) - '0']);
            digit.transform(AffineTransform.getTranslateInstance(ADVANCE * i, 0));
            graphics.draw(digit);
        }
        graphics.dispose();
    }

    private static Path2D path(String lines) {
        Path2D path = new Path2D.Double();
        for (String line : lines.split("\\|", -1)) {
            boolean first = true;
            for (String corner : line.split(" ", -1)) {
                int comma = corner.indexOf(',');
                double x = Double.parseDouble(corner.substring(0, comma));
                double y = Double.parseDouble(corner.substring(comma + 1));
                if (first) {
                    path.moveTo(x, y);
                } else {
                    path.lineTo(x, y);
                }
                first = false;
            }
        }
        return path;
    }
}
