package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlhf4j.base.DataFiles.concatenate;
import static org.rlhf4j.base.DataFiles.gzip;
import static org.rlhf4j.base.DataFiles.rows;
import static org.rlhf4j.base.DataFiles.utf8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.Property;

final class GzipInputTest {
    private static final byte[] TEXT = utf8("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");

    @Test
    void aFileCutOffAnywhereIsAnErrorAndItsCompleteRowsAreRead() throws Exception {
        byte[] whole = gzip(TEXT);
        for (int length = 2; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> rows(cut))
                    .as("first %d bytes", length)
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("the gzip data is cut off");
        }
        assertThat(read(whole)).isEqualTo(TEXT);
    }

    @Test
    void theLastGoodRowOfACutOffFileIsNamed() {
        // Random digits, so that the end of the compressed bytes is the end of the rows.
        SeededStream random = SeededStream.of(1);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            lines.append(random.nextLong()).append('\n');
        }
        byte[] whole = gzip(utf8(lines.toString()));
        byte[] cut = Arrays.copyOf(whole, whole.length / 2);
        try (JsonLines rows = JsonLines.read(new ByteArrayInputStream(cut), "f.gz")) {
            long[] last = new long[1];
            assertThatThrownBy(() -> rows.forEachRemaining(row -> last[0] = row.line()))
                    .satisfies(e -> assertThat(e)
                            .hasMessage("f.gz:" + (last[0] + 1)
                                    + ": cannot be read: the gzip data is cut off; the last good row is on" + " line "
                                    + last[0]));
            assertThat(last[0]).isBetween(400L, 600L);
        }
    }

    @Test
    void everyFlippedBitIsNoticedOrHarmless() {
        byte[] whole = gzip(TEXT);
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            byte[] content;
            try {
                content = read(damaged);
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotBlank();
                continue;
            }
            // The text hint, time stamp, level, system, and the unused bits after the last code are covered by no
            // checksum.
            assertThat(content).as("bit %d", bit).isEqualTo(TEXT);
            assertThat(bit / 8).isIn(3, 4, 5, 6, 7, 8, 9, whole.length - 9);
        }
    }

    @Test
    void damagedBytesNeverGiveOtherContent() {
        byte[] whole = concatenate(gzip(TEXT), gzip(TEXT));
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
                        assertThat(read(damaged)).isEqualTo(twice);
                    } catch (IOException e) {
                        assertThat(e.getMessage()).isNotBlank();
                    }
                });
    }

    @Test
    void whatFollowsTheGzipDataIsNeitherReadNorIgnored() {
        assertThatThrownBy(() -> read(concatenate(gzip(TEXT), utf8("{\"n\":4}"))))
                .hasMessage("there is something else after the gzip data");
        assertThatThrownBy(() -> read(concatenate(gzip(TEXT), new byte[100], utf8("x"))))
                .hasMessage("there is something else after the gzip data");
    }

    @Test
    void everyOptionalHeaderFieldIsSkipped() throws Exception {
        byte[] plain = gzip(TEXT);
        byte[] header = concatenate(
                new byte[] {0x1F, (byte) 0x8B, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3},
                new byte[] {3, 0, 'x', 'y', 'z'},
                utf8("name.jsonl\0"),
                utf8("a comment\0"));
        CRC32 crc = new CRC32();
        crc.update(header);
        byte[] headerCrc = {(byte) crc.getValue(), (byte) (crc.getValue() >> 8)};
        byte[] body = Arrays.copyOfRange(plain, 10, plain.length);
        assertThat(read(concatenate(header, headerCrc, body))).isEqualTo(TEXT);

        headerCrc[0] ^= 1;
        assertThatThrownBy(() -> read(concatenate(header, headerCrc, body)))
                .hasMessage("the gzip data is damaged: its header has the wrong checksum");
    }

    @Test
    void aBombIsRefusedByItsExpansionBeforeItIsRead() {
        // 64 MiB of spaces take 64 KiB: a thousand to one.
        byte[] bomb = gzip(spaces(64 << 20));
        assertThat(bomb).hasSizeLessThan(100_000);
        assertThatThrownBy(() -> rows(bomb))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("the gzip data expands more than 200 times");
    }

    @Test
    void aSmallFileMayRepeatItself() {
        byte[] repetitive = gzip(concatenate(spaces(1 << 20), utf8("1")));
        assertThat(rows(repetitive)).hasSize(1);
    }

    @Test
    void moreBytesThanAllowedAreRefused() {
        JsonLines.Limits small = new JsonLines.Limits(100, TEXT.length - 1, 200);
        assertThatThrownBy(() -> JsonLines.read(new ByteArrayInputStream(gzip(TEXT)), "f", small))
                .hasMessage("f: cannot be read: the gzip data expands to more than 23 bytes");
    }

    private static byte[] spaces(int count) {
        byte[] spaces = new byte[count];
        Arrays.fill(spaces, (byte) ' ');
        return spaces;
    }

    private static byte[] read(byte[] gzip) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GzipInput in = new GzipInput(new ByteArrayInputStream(gzip), new JsonLines.Limits(100, 1 << 20, 200))) {
            in.transferTo(out);
        }
        return out.toByteArray();
    }
}
