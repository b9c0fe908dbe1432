package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.testing.Property;

final class ContentTest {
    @Test
    void contentIsTheSameAfterItsWayThroughJson() {
        Property.forAll(
                draws -> draws.flip()
                        ? Content.of(draws.text(10))
                        : Content.of(draws.list(4, d -> new Message(d.word(1, 8), d.text(8)))),
                content -> {
                    String json = Json.write(content.toJson());
                    assertThat(Content.fromJson(Json.parse(json), "prompt")).isEqualTo(content);
                });
    }

    @Test
    void theJsonIsThatOfADataRow() {
        assertThat(Json.write(Content.of("hi").toJson())).isEqualTo("\"hi\"");
        assertThat(Json.write(Content.of(List.of(new Message("user", "hi"))).toJson()))
                .isEqualTo("[{\"role\":\"user\",\"content\":\"hi\"}]");
    }

    @Test
    void blankMeansNothingButWhiteSpace() {
        assertThat(Content.of("").isBlank()).isTrue();
        assertThat(Content.of(" \n\u2003").isBlank()).isTrue();
        assertThat(Content.of("x").isBlank()).isFalse();
        assertThat(Content.of(List.of()).isBlank()).isTrue();
        assertThat(Content.of(List.of(new Message("user", " "), new Message("assistant", "")))
                        .isBlank())
                .isTrue();
        assertThat(Content.of(List.of(new Message("user", " "), new Message("assistant", "a")))
                        .isBlank())
                .isFalse();
    }

    @Test
    void theMessagesAreCopied() {
        List<Message> messages = new ArrayList<>(List.of(new Message("user", "a")));
        Content content = Content.of(messages);
        messages.clear();
        assertThat(content).isEqualTo(Content.of(List.of(new Message("user", "a"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "3 | field \"chosen\" must be a string or a list of messages but is an integer",
                "null | field \"chosen\" must be a string or a list of messages but is null",
                "{} | field \"chosen\" must be a string or a list of messages but is an object",
                "[\"a\"] | field \"chosen[0]\" must be an object but is a string",
                "[{\"role\":\"user\"}] | field \"chosen[0].content\" is missing",
                "[{\"content\":\"a\"}] | field \"chosen[0].role\" is missing",
                "[{\"role\":\"user\",\"content\":null}] | field \"chosen[0].content\" is null",
                "[{\"role\":\"user\",\"content\":[]}] | field \"chosen[0].content\" must be a string but is an array",
                "[{\"role\":\" \",\"content\":\"a\"}] | field \"chosen[0].role\" must name who speaks but is blank",
            })
    void whatIsNoContentIsRefusedByFieldAndKind(String json, String message) {
        assertThatThrownBy(() -> Content.fromJson(Json.parse(json), "chosen"))
                .isInstanceOf(DataFormatException.class)
                .hasMessage(message);
    }

    @Test
    void aFieldOfAMessageThatWeWouldDropIsRefused() {
        String json = "[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"tool\",\"content\":\"b\",\"tool_calls\":[]}]";
        assertThatThrownBy(() -> Content.fromJson(Json.parse(json), "prompt"))
                .hasMessage("unknown field \"tool_calls\" (known: role, content) in \"prompt[1]\"");
    }

    @Test
    void aMessageNeedsARole() {
        assertThatThrownBy(() -> new Message(" ", "x")).isInstanceOf(IllegalArgumentException.class);
        assertThat(new Message("user", "").content()).isEmpty();
    }
}
