package org.rlhf4j.control.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Colours at places computed by hand: pictures are as large as makes a unit 100 pixels, or 200. */
class DrawingsTest {
    @Test
    void theCartAndThePoleAreWhereTheStateSays() {
        // The world is -2.75 to 2.75 by -1.15 to 1.9: x to the right of column 275, y above row 190.
        BufferedImage upright = picture(550, 305, g -> CartPoleDrawing.draw(g, 550, 305, 1, 0));
        assertThat(colour(upright, 375, 190 - 100)).isEqualTo(Scene.LIMB);
        assertThat(colour(upright, 350, 190)).isEqualTo(Scene.BODY);
        assertThat(colour(upright, 275, 190)).isEqualTo(Scene.PAPER);
        // 0.2 radians to the right: 0.9 along the pole is 0.18 beside and 0.88 above the hinge at 0.14.
        BufferedImage leaning = picture(550, 305, g -> CartPoleDrawing.draw(g, 550, 305, 1, 0.2));
        assertThat(colour(leaning, 375 + 18, 190 - 102)).isEqualTo(Scene.LIMB);
        assertThat(colour(leaning, 375 - 18, 190 - 102)).isNotEqualTo(Scene.LIMB);
    }

    @Test
    void thePendulumTurnsCounterClockwise() {
        BufferedImage up = pendulum(0, 0);
        assertThat(colour(up, 140, 40)).isEqualTo(Scene.BODY);
        BufferedImage left = pendulum(Math.PI / 2, 0);
        assertThat(colour(left, 40, 140)).isEqualTo(Scene.BODY);
        assertThat(colour(left, 140, 40)).isEqualTo(Scene.GOAL);
    }

    @Test
    void theTorqueShowsItsDirection() {
        // An arrow of 75 degrees around the pivot with radius 0.38: half way is 37.5 degrees from straight up.
        int across = (int) Math.round(38 * Math.sin(Math.toRadians(37.5)));
        int up = (int) Math.round(38 * Math.cos(Math.toRadians(37.5)));
        BufferedImage positive = pendulum(Math.PI, 0.5);
        assertThat(colour(positive, 140 - across, 140 - up)).isEqualTo(Scene.ACTION);
        assertThat(colour(positive, 140 + across, 140 - up)).isEqualTo(Scene.PAPER);
        BufferedImage negative = pendulum(Math.PI, -0.5);
        assertThat(colour(negative, 140 - across, 140 - up)).isEqualTo(Scene.PAPER);
        assertThat(colour(negative, 140 + across, 140 - up)).isEqualTo(Scene.ACTION);
        assertThat(colours(pendulum(Math.PI, 0), Scene.ACTION)).isZero();
    }

    @Test
    void theAcrobotHangsAtZeroAndShowsThatItReachedTheLine() {
        // 460 pixels for 4.6 units; the first joint is in the middle.
        BufferedImage hanging = picture(460, 460, g -> AcrobotDrawing.draw(g, 460, 460, 0, 0));
        assertThat(colour(hanging, 230, 230 + 50)).isEqualTo(Scene.BODY);
        assertThat(colour(hanging, 230, 230 + 150)).isEqualTo(Scene.LIMB);
        assertThat(colour(hanging, 230, 230 + 200)).isEqualTo(Scene.PAPER);
        BufferedImage standing = picture(460, 460, g -> AcrobotDrawing.draw(g, 460, 460, Math.PI, 0));
        assertThat(colour(standing, 230, 230 - 200)).isEqualTo(Scene.GOAL);
        // A quarter turn each: the first link to the right, the second one up.
        BufferedImage bent = picture(460, 460, g -> AcrobotDrawing.draw(g, 460, 460, Math.PI / 2, Math.PI / 2));
        assertThat(colour(bent, 230 + 50, 230)).isEqualTo(Scene.BODY);
        assertThat(colour(bent, 230 + 100, 230 - 50)).isEqualTo(Scene.LIMB);
    }

    @Test
    void theCarIsOnTheSlopeAndTheFlagAtItsGoal() {
        // 2.1 by 1.4 units of 200 pixels; the bottom of the valley is at -pi / 6, 0.1 high.
        BufferedImage rest = mountainCar(-Math.PI / 6, 0);
        int column = (int) Math.round(200 * (-Math.PI / 6 + 1.35));
        assertThat(colour(rest, column, 280 - 20 - 12)).isEqualTo(Scene.BODY);
        assertThat(colour(rest, column, 280 - 6)).isEqualTo(Scene.GROUND);
        assertThat(colours(rest, Scene.ACTION)).isZero();
        int flag = (int) Math.round(200 * (0.45 * Math.sin(1.5) + 0.55 + 0.24 - 0.045));
        assertThat(colour(rest, 370 + 6, 280 - flag)).isEqualTo(Scene.GOAL);
        BufferedImage right = mountainCar(-Math.PI / 6, 1);
        assertThat(colour(right, column + 20, 280 - 58)).isEqualTo(Scene.ACTION);
        assertThat(colour(right, column - 20, 280 - 58)).isEqualTo(Scene.PAPER);
        assertThat(colour(mountainCar(-Math.PI / 6, -1), column - 20, 280 - 58)).isEqualTo(Scene.ACTION);
    }

    @Test
    void aDrawingLeavesTheGraphicsAsTheyWere() {
        BufferedImage picture = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.translate(3, 4);
        graphics.setColor(Color.PINK);
        AffineTransform before = graphics.getTransform();
        PendulumDrawing.draw(graphics, 40, 30, 1, 1);
        assertThat(graphics.getTransform()).isEqualTo(before);
        assertThat(graphics.getColor()).isEqualTo(Color.PINK);
    }

    private static BufferedImage pendulum(double theta, double torque) {
        return picture(280, 280, g -> PendulumDrawing.draw(g, 280, 280, theta, torque));
    }

    private static BufferedImage mountainCar(double position, double push) {
        return picture(420, 280, g -> MountainCarDrawing.draw(g, 420, 280, position, 0.5, push));
    }

    private static BufferedImage picture(int width, int height, Consumer<Graphics2D> drawing) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        drawing.accept(picture.createGraphics());
        return picture;
    }

    private static Color colour(BufferedImage picture, int x, int y) {
        return new Color(picture.getRGB(x, y));
    }

    private static int colours(BufferedImage picture, Color wanted) {
        int count = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                count += colour(picture, x, y).equals(wanted) ? 1 : 0;
            }
        }
        return count;
    }
}
