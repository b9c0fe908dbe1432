package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.Property;

class ExactNumbersTest {
    @Test
    void everyDoubleAndEveryWordComesBackToTheBit() {
        Property.forAll(
                2_000,
                draws -> draws.flip() ? draws.anyLong() : Double.doubleToRawLongBits(draws.anyFinite()),
                bits -> {
                    double value = Double.longBitsToDouble(bits);
                    JsonFields read = written(
                            Json.object().put("word", ExactNumbers.hex(bits)).set("value", ExactNumbers.node(value)));
                    assertThat(Double.doubleToLongBits(ExactNumbers.number(read, "value")))
                            .isEqualTo(Double.doubleToLongBits(value));
                    assertThat(ExactNumbers.bits(read, "word")).isEqualTo(bits);
                });
    }

    @Test
    void everyFloatComesBackToTheBit() {
        Property.forAll(2_000, draws -> Float.intBitsToFloat((int) draws.anyLong()), value -> {
            ObjectNode json = Json.object();
            json.set("values", ExactNumbers.array(new float[] {value, -0f}));
            assertThat(ExactNumbers.floats(written(json), "values", 2)).isEqualTo(new float[] {value, -0f});
        });
    }

    @Test
    void whatIsNoSuchNumberIsRefused() {
        JsonFields fields = written(Json.object().put("text", "nan").put("number", 1.5));
        assertThatThrownBy(() -> ExactNumbers.number(fields, "text"))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("state.json: field \"text\" must be a number, \"NaN\", \"Infinity\" or \"-Infinity\""
                        + " but is a string");
        assertThatThrownBy(() -> ExactNumbers.bits(fields, "text"))
                .hasMessage("state.json: field \"text\" must be 16 hexadecimal digits");
        ObjectNode json = Json.object();
        json.set("values", ExactNumbers.array(new float[] {1, 2}));
        assertThatThrownBy(() -> ExactNumbers.floats(written(json), "values", 3))
                .hasMessage("state.json: field \"values\" has 2 numbers where 3 are expected");
        json.withArray("values").add(true);
        assertThatThrownBy(() -> ExactNumbers.floats(written(json), "values", 3))
                .hasMessageStartingWith("state.json: field \"values[2]\" must be a number");
    }

    private static JsonFields written(JsonNode json) {
        return JsonFields.of(Json.parse(Json.write(json)), "state.json", 0);
    }
}
