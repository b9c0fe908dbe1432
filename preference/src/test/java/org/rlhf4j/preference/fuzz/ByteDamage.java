package org.rlhf4j.preference.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.rlhf4j.base.SeededStream;

/** Changes bytes: flips, cuts, doubles, moves and replaces them, and writes numbers that lengths and offsets may be. */
final class ByteDamage {
    private static final List<byte[]> PIECES = List.of(
            utf8("null"),
            utf8("NaN"),
            utf8("1e400"),
            utf8("-"),
            utf8("{"),
            utf8("}"),
            utf8("["),
            utf8("]"),
            utf8("\""),
            utf8("\\"),
            utf8("\\u0000"),
            utf8("\\ud800"),
            utf8("\\x"),
            utf8(","),
            utf8(":"),
            utf8("\n"),
            utf8("\r"),
            utf8("\r\n"),
            utf8("\t"),
            utf8(";"),
            utf8("\"\""),
            utf8("\uFEFF"),
            utf8("\u2028"),
            utf8("/*"),
            utf8("//"),
            utf8("PAR1"),
            utf8("\u0000"),
            new byte[] {(byte) 0xFF},
            new byte[] {(byte) 0xC3},
            new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
            new byte[] {0x1F, (byte) 0x8B},
            new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD},
            utf8("{\"prompt\":\"p\",\"prompt\":\"q\"}"),
            utf8("'"),
            new byte[64]);
    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        127,
        128,
        255,
        65535,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xFFFFFFFFL,
        1L << 20,
        1L << 30,
        Long.MAX_VALUE
    };

    private final SeededStream random;

    ByteDamage(SeededStream random) {
        this.random = random;
    }

    byte[] change(byte[] bytes) {
        if (bytes.length == 0) {
            return pick(PIECES);
        }
        int from = place(bytes.length);
        int to = Math.min(bytes.length, from + 1 + random.nextInt(random.nextInt(4) == 0 ? 200 : 8));
        return switch (random.nextInt(11)) {
            case 0 -> flipped(bytes, from);
            case 1 -> joined(bytes, 0, from, random(1 + random.nextInt(4)), to);
            case 2 -> joined(bytes, 0, from, pick(PIECES), from);
            case 3 -> joined(bytes, 0, from, pick(PIECES), to);
            case 4 -> joined(bytes, 0, from, new byte[0], to);
            case 5 -> joined(bytes, 0, to, Arrays.copyOfRange(bytes, from, to), to);
            case 6 -> Arrays.copyOf(bytes, from);
            case 7 -> Arrays.copyOfRange(bytes, from, bytes.length);
            case 8 -> {
                int other = random.nextInt(bytes.length);
                byte[] moved = Arrays.copyOfRange(bytes, other, Math.min(bytes.length, other + to - from));
                yield joined(bytes, 0, from, moved, to);
            }
            case 9 -> numbered(bytes, from);
            default -> joined(bytes, 0, bytes.length, bytes, bytes.length);
        };
    }

    /** Often near the end, where footers and trailers are, and near the start, where headers are. */
    private int place(int length) {
        return switch (random.nextInt(4)) {
            case 0 -> Math.max(0, length - 1 - random.nextInt(Math.min(length, 64)));
            case 1 -> random.nextInt(Math.min(length, 32));
            default -> random.nextInt(length);
        };
    }

    private byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << random.nextInt(8));
        return changed;
    }

    private byte[] numbered(byte[] bytes, int at) {
        int size = random.nextInt(2) == 0 ? Integer.BYTES : Long.BYTES;
        ByteBuffer number = ByteBuffer.allocate(Long.BYTES)
                .order(random.nextInt(2) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN)
                .putLong(NUMBERS[random.nextInt(NUMBERS.length)]);
        int offset = number.order() == ByteOrder.LITTLE_ENDIAN ? 0 : Long.BYTES - size;
        byte[] changed = bytes.clone();
        System.arraycopy(number.array(), offset, changed, at, Math.min(size, bytes.length - at));
        return changed;
    }

    private byte[] random(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static byte[] joined(byte[] bytes, int from, int to, byte[] between, int again) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + between.length);
        out.write(bytes, from, to - from);
        out.writeBytes(between);
        out.write(bytes, again, bytes.length - again);
        return out.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] pick(List<byte[]> pieces) {
        return pieces.get(random.nextInt(pieces.size()));
    }
}
