package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlhf4j.base.DataFiles.concatenate;
import static org.rlhf4j.base.DataFiles.gzip;
import static org.rlhf4j.base.DataFiles.rows;
import static org.rlhf4j.base.DataFiles.utf8;
import static org.rlhf4j.base.DataFiles.zstd;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.Property;

final class ZstdInputTest {
    private static final byte[] TEXT = utf8("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");

    @Test
    void whatTheCommandLineToolWroteIsRead() {
        // printf '{"n":1}\n{"n":2}\n' | zstd -19 (v1.5.4), as hexadecimal digits.
        byte[] file = HexFormat.of().parseHex("28b52ffd0468810000" + "7b226e223a317d0a7b226e223a327d0a" + "452c6099");
        assertThat(rows(file))
                .extracting(row -> row.orThrow().path("n").intValue())
                .containsExactly(1, 2);
    }

    @Test
    void aFileCutOffAnywhereIsAnErrorAndItsCompleteRowsAreRead() throws Exception {
        byte[] whole = zstd(TEXT);
        for (int length = 4; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> rows(cut))
                    .as("first %d bytes", length)
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("the zstd data is cut off");
        }
        assertThat(read(whole)).isEqualTo(TEXT);
    }

    @Test
    void framesToBeSkippedAreSkippedWhereverTheyStand() throws Exception {
        byte[] skipped = {0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 'x', 'y', 'z', '!'};
        assertThat(read(concatenate(skipped, zstd(TEXT), skipped, zstd(TEXT)))).isEqualTo(concatenate(TEXT, TEXT));
        assertThat(rows(concatenate(skipped, zstd(TEXT)))).hasSize(3);
    }

    @Test
    void damagedBytesNeverGiveOtherContent() {
        byte[] whole = concatenate(zstd(TEXT), zstd(TEXT));
        byte[] twice = concatenate(TEXT, TEXT);
        Property.forAll(
                3_000,
                draws -> {
                    byte[] damaged = whole.clone();
                    draws.list(1, 4, d -> damaged[d.between(0, whole.length - 1)] = (byte) d.choose(256));
                    return damaged;
                },
                damaged -> {
                    try {
                        byte[] content = read(damaged);
                        // A frame's head may become that of one to be skipped, which has no checksum.
                        assertThat(content).isIn(twice, TEXT, new byte[0]);
                    } catch (IOException e) {
                        assertThat(e.getMessage()).startsWith("the zstd data ");
                    }
                });
    }

    @Test
    void whatFollowsTheLastFrameIsNeitherReadNorIgnored() {
        assertThatThrownBy(() -> read(concatenate(zstd(TEXT), utf8("{\"n\":4}"))))
                .hasMessageStartingWith("the zstd data is damaged");
        assertThatThrownBy(() -> read(concatenate(zstd(TEXT), new byte[8])))
                .hasMessageStartingWith("the zstd data is damaged");
    }

    @Test
    void aBombIsRefusedByItsExpansionBeforeItIsRead() {
        byte[] bomb = zstd(spaces(64 << 20));
        assertThat(bomb).hasSizeLessThan(10_000);
        assertThatThrownBy(() -> rows(bomb))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("the zstd data expands more than 200 times");
    }

    @Test
    void aWindowOfMoreThanMostMachinesHaveIsRefused() {
        // A frame header that asks for a window of 2^31 bytes: descriptor 0, exponent 21, mantissa 0.
        byte[] greedy = {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0, (byte) (21 << 3), 1, 0, 0};
        assertThatThrownBy(() -> rows(greedy)).hasMessageContaining("the zstd data is damaged: ");
    }

    @Test
    void compressedTwiceIsSaid() {
        assertThatThrownBy(() -> rows(gzip(zstd(TEXT)))).hasMessageStartingWith("data.jsonl: is compressed twice");
        assertThatThrownBy(() -> rows(zstd(gzip(TEXT)))).hasMessageStartingWith("data.jsonl: is compressed twice");
    }

    private static byte[] spaces(int count) {
        byte[] spaces = new byte[count];
        Arrays.fill(spaces, (byte) ' ');
        return spaces;
    }

    private static byte[] read(byte[] zstd) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZstdInput in = new ZstdInput(new ByteArrayInputStream(zstd), new JsonLines.Limits(100, 1 << 20, 200))) {
            in.transferTo(out);
        }
        return out.toByteArray();
    }
}
