package org.rlhf4j.control.render;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings a picture down to the 256 colours of a GIF: the most frequent ones stay as they are, the rest take the nearest
 * of them. Flat areas keep their exact colour, so that parts of a picture that are replaced later show no seam, which
 * they do where a palette is averaged.
 */
final class IndexedColours {
    private static final int MOST = 256;

    private IndexedColours() {}

    static BufferedImage of(BufferedImage picture) {
        int width = picture.getWidth();
        int height = picture.getHeight();
        int[] pixels = picture.getRGB(0, 0, width, height, null, 0, width);
        Map<Integer, Integer> counts = new HashMap<>();
        for (int pixel : pixels) {
            counts.merge(pixel, 1, Integer::sum);
        }
        List<Integer> palette = counts.entrySet().stream()
                .sorted(Comparator.<Map.Entry<Integer, Integer>>comparingInt(entry -> -entry.getValue())
                        .thenComparing(Map.Entry::getKey))
                .limit(MOST)
                .map(Map.Entry::getKey)
                .toList();
        Map<Integer, Byte> indices = new HashMap<>();
        counts.keySet().forEach(colour -> indices.put(colour, (byte) nearest(colour, palette)));
        byte[] indexed = new byte[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            indexed[i] = indices.getOrDefault(pixels[i], (byte) 0);
        }
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, model(palette));
        image.getRaster().setDataElements(0, 0, width, height, indexed);
        return image;
    }

    private static int nearest(int colour, List<Integer> palette) {
        int best = 0;
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < palette.size(); i++) {
            int distance = distance(colour, palette.get(i));
            if (distance < least) {
                best = i;
                least = distance;
            }
        }
        return best;
    }

    private static int distance(int a, int b) {
        int red = (a >> 16 & 0xFF) - (b >> 16 & 0xFF);
        int green = (a >> 8 & 0xFF) - (b >> 8 & 0xFF);
        int blue = (a & 0xFF) - (b & 0xFF);
        return red * red + green * green + blue * blue;
    }

    private static IndexColorModel model(List<Integer> palette) {
        byte[] red = new byte[palette.size()];
        byte[] green = new byte[palette.size()];
        byte[] blue = new byte[palette.size()];
        for (int i = 0; i < palette.size(); i++) {
            red[i] = (byte) (palette.get(i) >> 16);
            green[i] = (byte) (palette.get(i) >> 8);
            blue[i] = (byte) (int) palette.get(i);
        }
        return new IndexColorModel(8, palette.size(), red, green, blue);
    }
}
