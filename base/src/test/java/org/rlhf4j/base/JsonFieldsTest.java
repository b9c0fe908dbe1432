package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class JsonFieldsTest {
    private static final String ROW = "{\"text\":\"a\",\"number\":1.5,\"integer\":7,\"large\":9007199254740993,"
            + "\"huge\":1000000000000000019884624838656,\"yes\":true,\"nothing\":null,"
            + "\"object\":{\"inner\":{\"n\":\"x\"}},\"integers\":[1,2],\"texts\":[\"a\",\"b\"],"
            + "\"objects\":[{\"n\":1},{\"n\":2}],\"chat\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

    private static JsonFields row() {
        return JsonFields.of(Json.parse(ROW), "rows.jsonl", 17);
    }

    @Test
    void everyKindIsRead() {
        JsonFields row = row();
        assertThat(row.text("text")).isEqualTo("a");
        assertThat(row.number("number")).isEqualTo(1.5);
        assertThat(row.number("integer")).isEqualTo(7);
        assertThat(row.integer("large")).isEqualTo(9007199254740993L);
        assertThat(row.number("huge")).isEqualTo(1e30);
        assertThat(row.int32("integer")).isEqualTo(7);
        assertThat(row.bool("yes")).isTrue();
        assertThat(row.object("object").object("inner").text("n")).isEqualTo("x");
        assertThat(row.integers("integers")).containsExactly(1, 2);
        assertThat(row.texts("texts")).containsExactly("a", "b");
        assertThat(row.array("texts")).hasSize(2);
        assertThat(row.objects("objects")).map(o -> o.int32("n")).containsExactly(1, 2);
        assertThat(row.content("text")).isEqualTo(Content.of("a"));
        assertThat(row.content("chat")).isEqualTo(Content.of(List.of(new Message("user", "hi"))));
        assertThat(row.names()).startsWith("text", "number").contains("nothing").hasSize(12);
        assertThat(row.node().size()).isEqualTo(12);
    }

    @Test
    void absentAndNullAreTheSameForAnOptionalField() {
        JsonFields row = row();
        for (String name : List.of("absent", "nothing")) {
            assertThat(row.has(name)).isFalse();
            assertThat(row.optional(name)).isNull();
            assertThat(row.optionalText(name)).isNull();
            assertThat(row.optionalNumber(name)).isEmpty();
            assertThat(row.optionalInteger(name)).isEmpty();
            assertThat(row.optionalObject(name)).isNull();
            assertThat(row.optionalContent(name)).isNull();
            assertThat(row.text(name, "x")).isEqualTo("x");
            assertThat(row.number(name, 2.5)).isEqualTo(2.5);
            assertThat(row.integer(name, 3)).isEqualTo(3);
            assertThat(row.int32(name, 4)).isEqualTo(4);
            assertThat(row.bool(name, true)).isTrue();
        }
    }

    @Test
    void anOptionalFieldThatIsThereIsRead() {
        JsonFields row = row();
        assertThat(row.has("text")).isTrue();
        assertThat(row.optionalText("text")).isEqualTo("a");
        assertThat(row.text("text", "x")).isEqualTo("a");
        assertThat(row.number("number", 0)).isEqualTo(1.5);
        assertThat(row.integer("large", 0)).isEqualTo(9007199254740993L);
        assertThat(row.int32("integer", 0)).isEqualTo(7);
        assertThat(row.bool("yes", false)).isTrue();
        assertThat(row.optionalContent("text")).isEqualTo(Content.of("a"));
        assertThat(row.optionalObject("object")).isNotNull();
    }

    private record Refusal(String name, Consumer<JsonFields> read, String reason) {}

    private static final List<Refusal> REFUSALS = List.of(
            new Refusal("missing", f -> f.text("chosen"), "field \"chosen\" is missing"),
            new Refusal("null", f -> f.text("nothing"), "field \"nothing\" is null"),
            new Refusal("text", f -> f.text("integer"), "field \"integer\" must be a string but is an integer"),
            new Refusal("optional text", f -> f.optionalText("yes"), "field \"yes\" must be a string but is true"),
            new Refusal("number", f -> f.number("text"), "field \"text\" must be a number but is a string"),
            new Refusal("integer", f -> f.integer("text"), "field \"text\" must be an integer but is a string"),
            new Refusal(
                    "fraction",
                    f -> f.integer("number", 1),
                    "field \"number\" must be an integer but is a number with a fraction"),
            new Refusal("64 bits", f -> f.integer("huge"), "field \"huge\" is beyond 64 bits"),
            new Refusal("32 bits", f -> f.int32("large"), "field \"large\" is 9007199254740993, beyond 32 bits"),
            new Refusal("bool", f -> f.bool("integer"), "field \"integer\" must be true or false but is an integer"),
            new Refusal("object", f -> f.object("text"), "field \"text\" must be an object but is a string"),
            new Refusal("array", f -> f.array("object"), "field \"object\" must be an array but is an object"),
            new Refusal(
                    "within",
                    f -> f.object("object").object("inner").integer("n"),
                    "field \"object.inner.n\" must be an integer but is a string"),
            new Refusal("element", f -> f.integers("texts"), "field \"texts[0]\" must be an integer but is a string"),
            new Refusal(
                    "text element",
                    f -> f.texts("integers"),
                    "field \"integers[0]\" must be a string but is an integer"),
            new Refusal(
                    "object element",
                    f -> f.objects("integers"),
                    "field \"integers[0]\" must be an object but is an integer"),
            new Refusal(
                    "field of an element",
                    f -> f.objects("objects").get(1).text("n"),
                    "field \"objects[1].n\" must be a string but is an integer"),
            new Refusal(
                    "content",
                    f -> f.content("yes"),
                    "field \"yes\" must be a string or a list of messages but is true"),
            new Refusal(
                    "message",
                    f -> f.content("objects"),
                    "unknown field \"n\" (known: role, content) in \"objects[0]\""),
            new Refusal(
                    "unknown",
                    f -> f.allowOnly(List.of("text", "numbers")),
                    "unknown field \"number\", did you mean \"numbers\"? (known: text, numbers)"),
            new Refusal(
                    "unknown within",
                    f -> f.object("object").allowOnly(List.of("inne")),
                    "unknown field \"inner\", did you mean \"inne\"? (known: inne) in \"object\""));

    @TestFactory
    Stream<DynamicTest> whatDoesNotFitIsRefusedWithPlaceFieldAndKind() {
        return REFUSALS.stream()
                .map(c -> DynamicTest.dynamicTest(
                        c.name,
                        () -> assertThatThrownBy(() -> c.read.accept(row()))
                                .isInstanceOf(DataFormatException.class)
                                .hasMessage("rows.jsonl:17: " + c.reason)));
    }

    @Test
    void whatIsNoObjectHasNoFields() {
        assertThatThrownBy(() -> JsonFields.of(Json.parse("[1]"), "a.jsonl", 3))
                .hasMessage("a.jsonl:3: must be a JSON object but is an array");
        assertThatThrownBy(() -> JsonFields.nested(Json.parse("1"), "x"))
                .hasMessage("field \"x\" must be an object but is an integer");
    }

    @Test
    void aProblemOfTheCallersOwnHasThePlace() {
        assertThat(row().problem("integer", "must be at most 3 but is 7"))
                .hasMessage("rows.jsonl:17: field \"integer\" must be at most 3 but is 7");
        assertThat(row().object("object").problem("n", "is odd"))
                .hasMessage("rows.jsonl:17: field \"object.n\" is odd");
        assertThat(row().fail("has no completions")).hasMessage("rows.jsonl:17: has no completions");
    }
}
