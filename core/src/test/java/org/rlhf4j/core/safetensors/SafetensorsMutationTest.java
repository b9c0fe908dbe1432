package org.rlhf4j.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;

/** Random damage to a good file: it is read, or refused by the one typed exception; never anything else. */
final class SafetensorsMutationTest {
    private static final String HEADER = "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
            + "\"b.weight\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[24,32]},"
            + "\"c\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[32,40]}} ";
    private static final String[] PIECES = {
        "\"a\":",
        "null",
        "[",
        "]",
        "{",
        "}",
        ",",
        "-1",
        "1e9",
        "99999999999999999999",
        "9223372036854775807",
        "\"",
        "\\u0000",
        "\\ud800",
        "F64",
        "true",
        "0.5",
        "\u0000",
        "\"shape\":[0,9223372036854775807,2],",
        "//",
        "'"
    };

    private final Path directory;

    SafetensorsMutationTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void tenThousandMutationsAreReadOrRefusedByType() {
        SeededStream random = SeededStream.of(1, "safetensors mutations");
        Path file = directory.resolve("mutated.safetensors");
        int[] outcomes = new int[2];
        Assertions.assertTimeout(Duration.ofSeconds(60), () -> {
            for (int i = 0; i < 10_000; i++) {
                byte[] bytes = SafetensorsBytes.file(HEADER, new byte[40]);
                int times = 1 + random.nextInt(3);
                for (int k = 0; k < times; k++) {
                    bytes = mutate(bytes, random);
                }
                // Through a file costs a dozen system calls; the header alone, where most can go wrong, none.
                outcomes[i % 25 == 0 ? readOrRefuse(SafetensorsBytes.write(file, bytes)) : parseOrRefuse(bytes)]++;
            }
        });
        // Both happen often: data bytes may be anything, header bytes may not.
        assertThat(outcomes[0]).isGreaterThan(100);
        assertThat(outcomes[1]).isGreaterThan(5_000);
    }

    private static int parseOrRefuse(byte[] bytes) {
        if (bytes.length < Long.BYTES) {
            return 1;
        }
        int length = (int) Math.min(Math.max(headerLength(bytes), 0), bytes.length - Long.BYTES);
        byte[] header = Arrays.copyOfRange(bytes, Long.BYTES, Long.BYTES + length);
        try {
            HeaderParser.parse(header, bytes.length - Long.BYTES - length, "file");
            return 0;
        } catch (DataFormatException e) {
            checkMessage(e, "file");
            return 1;
        }
    }

    private static int readOrRefuse(Path file) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            for (TensorInfo info : opened.tensors()) {
                if (info.dtype().isWeight()) {
                    opened.readFloats(info.name(), NonFinite.ALLOW);
                }
            }
            return 0;
        } catch (DataFormatException e) {
            checkMessage(e, file.toString());
            return 1;
        }
    }

    /** Plain comparisons: ten thousand fluent ones would take longer than the reading. */
    private static void checkMessage(DataFormatException e, String file) {
        if (e.reason().indexOf('\n') >= 0 || !e.file().equals(file)) {
            throw new AssertionError("not one line about " + file + ": " + e.reason(), e);
        }
    }

    private static byte[] mutate(byte[] bytes, SeededStream random) {
        int at = random.nextInt(Math.max(1, bytes.length));
        return switch (random.nextInt(8)) {
            case 0 -> flip(bytes, at, random);
            case 1 -> Arrays.copyOf(bytes, at);
            case 2 -> splice(bytes, at, at, PIECES[random.nextInt(PIECES.length)]);
            case 3 -> splice(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(12)), "");
            case 4 -> Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(16));
            case 5 -> relength(bytes, random.nextLong());
            case 6 -> relength(bytes, random.nextInt(400));
            default -> splice(bytes, at, Math.min(bytes.length, at + 4), PIECES[random.nextInt(PIECES.length)]);
        };
    }

    private static byte[] flip(byte[] bytes, int at, SeededStream random) {
        byte[] flipped = bytes.clone();
        if (at < flipped.length) {
            flipped[at] ^= (byte) (1 << random.nextInt(8));
        }
        return flipped;
    }

    /** Replaces a range and, so that the damage reaches the parser, corrects the header's length. */
    private static byte[] splice(byte[] bytes, int from, int to, String piece) {
        byte[] insert = piece.getBytes(StandardCharsets.UTF_8);
        byte[] spliced = ByteBuffer.allocate(bytes.length - (to - from) + insert.length)
                .put(bytes, 0, from)
                .put(insert)
                .put(bytes, to, bytes.length - to)
                .array();
        if (Math.min(bytes.length, spliced.length) < Long.BYTES) {
            return spliced;
        }
        return relength(spliced, headerLength(bytes) + insert.length - (to - from));
    }

    private static long headerLength(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private static byte[] relength(byte[] bytes, long length) {
        byte[] changed = bytes.clone();
        if (changed.length >= Long.BYTES) {
            ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        }
        return changed;
    }
}
