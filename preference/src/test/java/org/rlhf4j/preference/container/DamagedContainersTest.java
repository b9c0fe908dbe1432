package org.rlhf4j.preference.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.JsonLine;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Property;

/** Damaged files of every container give rows or a {@link DataFormatException} that names the file, and nothing else. */
final class DamagedContainersTest {
    @Test
    void damageIsRefusedByNameOrHarmless() {
        List<byte[]> files = new ArrayList<>();
        Golden.cases("preference/files", "files")
                .forEach(file -> files.add(
                        Golden.bytes("preference/files/" + file.path("file").textValue())));
        Property.forAll(
                3_000,
                draws -> {
                    byte[] whole = draws.pick(files);
                    int cut = draws.between(0, 9) == 0 ? draws.between(0, whole.length - 8) : 0;
                    byte[] damaged = Arrays.copyOf(whole, whole.length - cut);
                    draws.list(1, 6, d -> damage(damaged, d));
                    return damaged;
                },
                DamagedContainersTest::read);
    }

    @Test
    void aParquetFileCutOffAnywhereIsRefused() {
        byte[] whole = Golden.bytes("preference/files/chats.parquet");
        for (int length = 4; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> Containers.read(new ByteArrayInputStream(cut), "f"))
                    .as("first %d bytes", length)
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageStartingWith("f: ");
        }
    }

    /** Half of the damage goes to the end, where the footer of Parquet stands. */
    private static int damage(byte[] bytes, Draws draws) {
        int from = draws.flip() ? Math.max(0, bytes.length - 1200) : 0;
        int at = draws.between(from, bytes.length - 1);
        int random = (int) draws.choose(256);
        int flipped = bytes[at] ^ 1 << draws.between(0, 7);
        bytes[at] = draws.pick(List.of(random, 0xFF, 0x7F, 0, flipped, bytes[at] + 1))
                .byteValue();
        return at;
    }

    private static void read(byte[] bytes) {
        long before = 0;
        try (RowInput input = Containers.read(new ByteArrayInputStream(bytes), "f")) {
            while (input.hasNext()) {
                JsonLine row = input.next();
                assertThat(row.line()).isGreaterThanOrEqualTo(before);
                before = row.line();
                row.problem().ifPresent(e -> assertThat(e.toString()).contains("f:"));
            }
        } catch (DataFormatException e) {
            assertThat(e.file()).isEqualTo("f");
            assertThat(e.reason()).isNotBlank();
        }
    }
}
