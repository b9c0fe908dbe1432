package org.rlhf4j.benchmarks.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;

class ShakespeareTextTest {
    private static final String SPEECH = "CORIOLANUS:\nWhat must I say? I pray, sir.\nPlague upon't!\n\n";

    @Test
    void theLastTenthIsHeldOutFromTheNextSpeechOn() {
        // 20 speeches of 58 characters: the last tenth starts with speech 19, whose end is the first one after that.
        assertThat(SPEECH).hasSize(58);
        ShakespeareText text = ShakespeareText.of(SPEECH.repeat(20));
        assertThat(text.training()).isEqualTo(SPEECH.repeat(19));
        assertThat(text.heldOut()).isEqualTo(SPEECH);
    }

    @Test
    void rowsAreWholeLinesOf224CharactersAndMore() {
        // Four speeches have 232 characters, of which the 224th lies in the last line; the blank line after it is no
        // row's.
        assertThat(ShakespeareText.rows(SPEECH.repeat(9)))
                .containsExactly(
                        SPEECH.repeat(4).stripTrailing(), SPEECH.repeat(4).stripTrailing());
    }

    @Test
    void promptsAreTheFirstWordsOfLongLines() {
        assertThat(ShakespeareText.prompts(SPEECH.repeat(2))).isEqualTo(List.of("What must I"));
    }

    @Test
    void anotherTextIsRefused(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("text.txt"), SPEECH);
        assertThatThrownBy(() -> ShakespeareText.read(file))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("text.txt")
                .hasMessageContaining("86c4e6aa");
    }
}
