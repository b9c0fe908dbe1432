package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SeededStreamTest {
    @Test
    void seed1234567GivesThePublishedSplitMix64Sequence() {
        SeededStream stream = SeededStream.of(1234567);
        assertThat(Long.toUnsignedString(stream.nextLong())).isEqualTo("6457827717110365317");
        assertThat(Long.toUnsignedString(stream.nextLong())).isEqualTo("3203168211198807973");
        assertThat(Long.toUnsignedString(stream.nextLong())).isEqualTo("9817491932198370423");
        assertThat(Long.toUnsignedString(stream.nextLong())).isEqualTo("4593380528125082431");
        assertThat(Long.toUnsignedString(stream.nextLong())).isEqualTo("16408922859458223821");
    }
}
