package org.rlhf4j.control.render;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Evenly spaced pictures of a film, from the first to the last, beside and below each other. */
final class ContactSheet {
    static final int MOST_PICTURES = 12;
    private static final int COLUMNS = 4;
    private static final int GAP = 6;

    private ContactSheet() {}

    static void write(Film film, OutputStream out) throws IOException {
        List<Film.Frame> frames = chosen(film.frames());
        int columns = Math.min(COLUMNS, frames.size());
        int rows = (frames.size() + columns - 1) / columns;
        BufferedImage first = frames.get(0).picture();
        int stepX = first.getWidth() + GAP;
        int stepY = first.getHeight() + GAP;
        BufferedImage sheet = new BufferedImage(columns * stepX + GAP, rows * stepY + GAP, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        graphics.setColor(Scene.FAINT);
        graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        for (int i = 0; i < frames.size(); i++) {
            graphics.drawImage(frames.get(i).picture(), GAP + i % columns * stepX, GAP + i / columns * stepY, null);
        }
        graphics.dispose();
        try (MemoryCacheImageOutputStream image = new MemoryCacheImageOutputStream(out)) {
            ImageIO.write(sheet, "png", image);
        }
    }

    private static List<Film.Frame> chosen(List<Film.Frame> frames) {
        if (frames.size() <= MOST_PICTURES) {
            return frames;
        }
        List<Film.Frame> chosen = new ArrayList<>();
        for (int i = 0; i < MOST_PICTURES; i++) {
            chosen.add(frames.get(Math.round(i * (frames.size() - 1f) / (MOST_PICTURES - 1))));
        }
        return chosen;
    }
}
