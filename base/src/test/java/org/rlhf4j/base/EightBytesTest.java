package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EightBytesTest {
    @Test
    void everyByteIsFoundAtEveryPlaceAmongEveryOther() {
        for (int around = 0; around < 256; around++) {
            for (int value = 0; value < 256; value++) {
                for (int place = 0; place < Long.BYTES; place++) {
                    byte[] bytes = new byte[Long.BYTES + 1];
                    Arrays.fill(bytes, (byte) around);
                    bytes[place + 1] = (byte) value;
                    long eight = EightBytes.at(bytes, 1);
                    boolean quote = value == '"' || around == '"';
                    boolean control = value < ' ' || around < ' ';
                    assertThat(EightBytes.equal(eight, EightBytes.all('"')) != 0)
                            .isEqualTo(quote);
                    assertThat(EightBytes.below(eight, EightBytes.all(' ')) != 0)
                            .isEqualTo(control);
                    assertThat(EightBytes.beyondAscii(eight) != 0).isEqualTo(value > 127 || around > 127);
                }
            }
        }
    }
}
