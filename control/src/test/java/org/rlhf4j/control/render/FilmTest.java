package org.rlhf4j.control.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageException;
import org.w3c.dom.NodeList;

class FilmTest {
    /** A square that moves by two pixels a step, 30 steps a second. */
    private static final class Square implements Drawable {
        private int moved;

        @Override
        public void draw(Graphics2D graphics, int width, int height) {
            graphics.setColor(new Color(250, 249, 246));
            graphics.fillRect(0, 0, width, height);
            graphics.setColor(new Color(3, 70, 199));
            graphics.fillRect(10 + 2 * moved, 20, 10, 10);
            moved++;
        }
    }

    @Test
    void aFilmOfAnyLengthIsBoundedEvenAndWhole() {
        for (int most = 2; most < 9; most++) {
            for (int steps = 0; steps < 60; steps++) {
                Film film = film(steps, most);
                List<Integer> taken =
                        film.frames().stream().map(Film.Frame::step).toList();
                assertThat(taken).hasSizeLessThanOrEqualTo(most).startsWith(0).endsWith(steps);
                assertThat(film.steps()).isEqualTo(steps);
                for (int i = 0; i < taken.size() - 1; i++) {
                    assertThat(taken.get(i)).isEqualTo(i * film.stride());
                }
                if (steps < most - 1) {
                    assertThat(film.stride()).isEqualTo(1);
                    assertThat(taken).hasSize(steps + 1);
                }
            }
        }
    }

    @Test
    void anAnimationShowsEveryPictureExactlyAtItsTimeForEver(@TempDir Path directory) throws Exception {
        Film film = film(20, 100);
        Path file = directory.resolve("a.GIF");
        PictureFormat.of(file).save(film, file, Storage.disk());
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
            reader.setInput(in);
            BufferedImage screen = new BufferedImage(80, 60, BufferedImage.TYPE_INT_RGB);
            List<Integer> delays = new ArrayList<>();
            for (Film.Frame frame : film.frames()) {
                IIOMetadataNode root = (IIOMetadataNode)
                        reader.getImageMetadata(delays.size()).getAsTree("javax_imageio_gif_image_1.0");
                screen.createGraphics()
                        .drawImage(
                                reader.read(delays.size()),
                                number(root, "ImageDescriptor", "imageLeftPosition"),
                                number(root, "ImageDescriptor", "imageTopPosition"),
                                null);
                assertThat(pixels(screen)).isEqualTo(pixels(frame.picture()));
                if (delays.isEmpty()) {
                    IIOMetadataNode loop = node(root, "ApplicationExtension");
                    assertThat(loop.getAttribute("applicationID")).isEqualTo("NETSCAPE");
                    assertThat((byte[]) loop.getUserObject()).containsExactly(1, 0, 0);
                }
                delays.add(number(root, "GraphicControlExtension", "delayTime"));
            }
            assertThat(reader.getNumImages(true)).isEqualTo(21);
            assertThat(delays.subList(0, 20)).containsOnly(3, 4).startsWith(3, 4, 3, 3, 4, 3);
            // 20 steps at 30 a second.
            assertThat(delays.stream().limit(20).mapToInt(Integer::intValue).sum())
                    .isEqualTo(67);
            assertThat(delays.get(20)).isEqualTo(100);
        }
    }

    @Test
    void aThinnedFilmKeepsItsPace(@TempDir Path directory) throws Exception {
        Film film = film(30, 11);
        assertThat(film.stride()).isEqualTo(4);
        Path file = directory.resolve("a.gif");
        PictureFormat.GIF.save(film, file, Storage.disk());
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
            reader.setInput(in);
            int images = reader.getNumImages(true);
            int total = 0;
            for (int i = 0; i < images; i++) {
                IIOMetadataNode root =
                        (IIOMetadataNode) reader.getImageMetadata(i).getAsTree("javax_imageio_gif_image_1.0");
                total += number(root, "GraphicControlExtension", "delayTime");
            }
            assertThat(images).isEqualTo(9);
            assertThat(total).isEqualTo(100 + 100);
        }
    }

    @Test
    void manyColoursBecomeTheMostFrequentOnes() {
        BufferedImage many = new BufferedImage(300, 2, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < 300; x++) {
            // 44 columns of two colours that occur nowhere else, 256 of one.
            many.setRGB(x, 0, x < 44 ? 0x800000 + x : x);
            many.setRGB(x, 1, x < 44 ? 0x008000 + x : x);
        }
        BufferedImage indexed = IndexedColours.of(many);
        for (int x = 44; x < 300; x++) {
            assertThat(indexed.getRGB(x, 0)).isEqualTo(many.getRGB(x, 0));
        }
        assertThat(pixels(indexed).stream().distinct()).hasSize(256);
    }

    @Test
    void aSheetHasUpToTwelvePicturesEvenlySpaced(@TempDir Path directory) throws Exception {
        Film film = film(30, 100);
        PictureFormat.PNG.save(film, directory.resolve("a.png"), Storage.disk());
        BufferedImage sheet = ImageIO.read(directory.resolve("a.png").toFile());
        assertThat(List.of(sheet.getWidth(), sheet.getHeight())).containsExactly(4 * 86 + 6, 3 * 66 + 6);
        BufferedImage last = sheet.getSubimage(6 + 3 * 86, 6 + 2 * 66, 80, 60);
        assertThat(pixels(last)).isEqualTo(pixels(film.frames().get(30).picture()));
        BufferedImage second = sheet.getSubimage(6 + 86, 6, 80, 60);
        assertThat(pixels(second)).isEqualTo(pixels(film.frames().get(3).picture()));

        PictureFormat.PNG.save(film(1, 100), directory.resolve("b.png"), Storage.disk());
        assertThat(ImageIO.read(directory.resolve("b.png").toFile()).getWidth()).isEqualTo(2 * 86 + 6);
    }

    @Test
    void eachDigitLooksDifferent() {
        List<List<Integer>> seen = new ArrayList<>();
        for (int digit = 0; digit < 10; digit++) {
            BufferedImage picture = new BufferedImage(16, 24, BufferedImage.TYPE_INT_RGB);
            Numerals.draw(picture.createGraphics(), digit, 3, 3, 18);
            seen.add(pixels(picture));
        }
        assertThat(seen).doesNotHaveDuplicates();
    }

    @Test
    void whatIsNoPictureIsRefusedByName() {
        assertThatThrownBy(() -> PictureFormat.of(Path.of("film.mp4")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("film.mp4: a picture ends in .gif (animation) or .png (one sheet of up to 12 states)");
        assertThatThrownBy(() -> film(-1, 5).frames()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new Film(new Square(), 8, 6, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatCannotBeWrittenLeavesNothing(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("absent").resolve("a.png");
        assertThatThrownBy(() -> PictureFormat.PNG.save(film(3, 5), file, Storage.disk()))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(file.toString());
        Drawable fast = new Drawable() {
            @Override
            public void draw(Graphics2D graphics, int width, int height) {}

            @Override
            public int framesPerSecond() {
                return 60;
            }
        };
        Film film = new Film(fast, 8, 6, 5);
        film.take();
        assertThatThrownBy(() -> PictureFormat.GIF.save(film, directory.resolve("a.gif"), Storage.disk()))
                .hasMessage("a GIF shows 1 to 50 frames a second, not 60");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    /** A film of so many steps after the start; -1 is none at all. */
    private static Film film(int steps, int most) {
        Film film = new Film(new Square(), 80, 60, most);
        for (int i = 0; i <= steps; i++) {
            film.take();
        }
        return film;
    }

    static List<Integer> pixels(BufferedImage picture) {
        int[] pixels = picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
        return Arrays.stream(pixels).boxed().toList();
    }

    private static IIOMetadataNode node(IIOMetadataNode root, String name) {
        NodeList nodes = root.getElementsByTagName(name);
        assertThat(nodes.getLength()).isEqualTo(1);
        return (IIOMetadataNode) nodes.item(0);
    }

    private static int number(IIOMetadataNode root, String name, String attribute) {
        return Integer.parseInt(node(root, name).getAttribute(attribute));
    }
}
