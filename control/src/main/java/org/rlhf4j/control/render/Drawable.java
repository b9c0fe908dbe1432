package org.rlhf4j.control.render;

import java.awt.Graphics2D;

/** What can show itself, an environment mostly. */
public interface Drawable {
    /**
     * Draws the current state, background included.
     *
     * @param graphics where; left as it was, with its transform and clip
     * @param width of the picture in pixels
     * @param height of the picture in pixels
     */
    void draw(Graphics2D graphics, int width, int height);

    /** How many steps make up a second, for a film at natural speed. */
    default int framesPerSecond() {
        return 30;
    }
}
