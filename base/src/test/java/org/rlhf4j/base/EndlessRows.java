package org.rlhf4j.base;

import java.io.InputStream;
import java.util.List;
import java.util.Objects;

/**
 * A program that reads many more rows than its heap holds; its arguments are what to read ("lines", "array", "gzip" or
 * "zstd") and how many MiB. It ends with 0 when all rows came out.
 */
final class EndlessRows {
    private static final int ROWS_A_BLOCK = 2_000;

    private EndlessRows() {}

    /** Reads. */
    public static void main(String[] arguments) {
        String kind = arguments[0];
        byte[] block = block(kind.equals("array") ? ",\n" : "\n");
        byte[] packed =
                switch (kind) {
                    case "gzip" -> DataFiles.gzip(block);
                    case "zstd" -> DataFiles.zstd(block);
                    default -> block;
                };
        long blocks = (Long.parseLong(arguments[1]) << 20) / block.length + 1;
        long rows = 0;
        byte[] start = DataFiles.utf8(kind.equals("array") ? "[" : "");
        byte[] end = DataFiles.utf8(kind.equals("array") ? "0]" : "");
        try (JsonLines lines = JsonLines.read(new Repeated(start, packed, blocks, end), "endless")) {
            while (lines.hasNext()) {
                JsonLine line = lines.next();
                rows += Objects.requireNonNull(line.orThrow()).isObject() ? 1 : 0;
            }
        }
        System.exit(rows == blocks * ROWS_A_BLOCK ? 0 : 3);
    }

    private static byte[] block(String separator) {
        SeededStream random = SeededStream.of(1);
        List<String> words = List.of("harmless", "helpful", "answer", "question", "därüber", "中文", "😀", "\\n");
        StringBuilder block = new StringBuilder();
        for (int i = 0; i < ROWS_A_BLOCK; i++) {
            block.append("{\"id\":").append(random.nextLong()).append(",\"prompt\":\"");
            for (int w = 0; w < 60; w++) {
                block.append(words.get(random.nextInt(words.size()))).append(' ');
            }
            block.append("\"}").append(separator);
        }
        return DataFiles.utf8(block.toString());
    }

    /** A start, then a block many times, then an end. */
    private static final class Repeated extends InputStream {
        private final byte[] block;
        private final byte[] end;
        private long blocksLeft;
        private byte[] current;
        private int position;
        private boolean ending;

        Repeated(byte[] start, byte[] block, long times, byte[] end) {
            this.current = start;
            this.block = block;
            this.blocksLeft = times;
            this.end = end;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            while (position == current.length) {
                if (blocksLeft == 0 && ending) {
                    return -1;
                }
                position = 0;
                ending = blocksLeft == 0;
                current = ending ? end : block;
                blocksLeft -= ending ? 0 : 1;
            }
            int count = Math.min(length, current.length - position);
            System.arraycopy(current, position, target, offset, count);
            position += count;
            return count;
        }
    }
}
