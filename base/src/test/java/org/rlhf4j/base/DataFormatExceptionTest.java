package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class DataFormatExceptionTest {
    @Test
    void theMessageIsFileLineReason() {
        assertThat(new DataFormatException("a.jsonl", 17, "is bad")).hasMessage("a.jsonl:17: is bad");
        assertThat(new DataFormatException("a.jsonl", 0, "is bad")).hasMessage("a.jsonl: is bad");
        assertThat(new DataFormatException("", 17, "is bad")).hasMessage("line 17: is bad");
        assertThat(new DataFormatException("is bad")).hasMessage("is bad");
        assertThat(new DataFormatException("a", 5_000_000_000L, "is bad")).hasMessage("a:5000000000: is bad");
    }

    @Test
    void whateverTheReasonQuotesTheMessageIsOneLine() {
        DataFormatException e = new DataFormatException("a", 1, "the column \"x\n\u001b[2J\u2028y\" is unknown");
        assertThat(e.reason()).isEqualTo("the column \"x  [2J y\" is unknown");
        assertThat(e).hasMessage("a:1: " + e.reason());
    }

    @Test
    void thePartsCanBeAskedFor() {
        IOException cause = new IOException("x");
        DataFormatException e = new DataFormatException("a.jsonl", 17, "is bad", cause);
        assertThat(e.file()).isEqualTo("a.jsonl");
        assertThat(e.line()).isEqualTo(17);
        assertThat(e.reason()).isEqualTo("is bad");
        assertThat(e).hasCause(cause);
    }

    @Test
    void aPlaceIsFilledInWhereItIsMissing() {
        IOException cause = new IOException("x");
        DataFormatException e = new DataFormatException("", 3, "is bad", cause);
        assertThat(e.at("a.json", 99)).hasMessage("a.json:3: is bad").hasCause(cause);
        assertThat(e.at("a.json", 99).getStackTrace()).isEqualTo(e.getStackTrace());
        assertThat(new DataFormatException("is bad").at("a.json", 5)).hasMessage("a.json:5: is bad");
        DataFormatException complete = new DataFormatException("a", 1, "is bad");
        assertThat(complete.at("b", 2)).isSameAs(complete);
    }

    @Test
    void aNegativeLineIsAMistake() {
        assertThatThrownBy(() -> new DataFormatException("a", -1, "x")).isInstanceOf(IllegalArgumentException.class);
    }
}
