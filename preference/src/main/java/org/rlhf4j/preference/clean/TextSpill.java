package org.rlhf4j.preference.clean;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Texts put aside in a temporary file, to be looked up by number: 8 bytes of memory for each. The file has the size of the
 * texts, no use after a crash, and is deleted on close.
 */
final class TextSpill implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 20;

    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private final FileChannel channel;
    private long[] ends = new long[1024];
    private int size;
    private long written;

    TextSpill() {
        try {
            Path file = Files.createTempFile("rlhf4j-", ".texts");
            channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the temporary file that finds near duplicates", e);
        }
    }

    /**
     * The next text gets the next number from 0.
     *
     * @param parts its parts
     * @param sizes a number for each
     */
    void add(List<RowTexts.Part> parts, int[] sizes) {
        try {
            DataOutputStream out = new DataOutputStream(pending);
            out.writeInt(sizes.length);
            for (int partSize : sizes) {
                out.writeInt(partSize);
            }
            for (RowTexts.Part part : parts) {
                for (String text : List.of(part.name(), part.text())) {
                    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                    out.writeInt(utf8.length);
                    out.write(utf8);
                }
            }
            if (size == ends.length) {
                ends = Arrays.copyOf(ends, 2 * size);
            }
            ends[size++] = written + pending.size();
            if (pending.size() >= BUFFER_BYTES) {
                flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the temporary file that finds near duplicates", e);
        }
    }

    private void flush() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(pending.toByteArray());
        while (bytes.hasRemaining()) {
            written += channel.write(bytes, written);
        }
        pending.reset();
    }

    /** The text of a number. */
    List<RowTexts.Part> get(int number) {
        ByteBuffer bytes = read(number, Integer.MAX_VALUE);
        bytes.position(Integer.BYTES * (1 + bytes.getInt()));
        List<RowTexts.Part> parts = new ArrayList<>();
        while (bytes.hasRemaining()) {
            parts.add(new RowTexts.Part(text(bytes), text(bytes)));
        }
        return parts;
    }

    /** The numbers of its parts. */
    int[] sizes(int number) {
        int[] sizes = new int[read(number, Integer.BYTES).getInt()];
        ByteBuffer bytes = read(number, Integer.BYTES * (1 + sizes.length));
        bytes.position(Integer.BYTES).slice().asIntBuffer().get(sizes);
        return sizes;
    }

    /** The bytes of a number, no more than the first of them. */
    private ByteBuffer read(int number, int most) {
        try {
            if (pending.size() > 0) {
                flush();
            }
            long start = number == 0 ? 0 : ends[number - 1];
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(most, ends[number] - start));
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, start + bytes.position()) < 0) {
                    throw new IOException("it ends early");
                }
            }
            return bytes.flip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the temporary file that finds near duplicates", e);
        }
    }

    private static String text(ByteBuffer bytes) {
        byte[] utf8 = new byte[bytes.getInt()];
        bytes.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the temporary file that finds near duplicates", e);
        }
    }
}
