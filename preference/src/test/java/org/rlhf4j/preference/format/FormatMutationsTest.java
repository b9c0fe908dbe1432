package org.rlhf4j.preference.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.container.CellNode;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Property;

/** Rows of every format with parts replaced, removed and repeated: they are refused or read, and nothing is thrown. */
class FormatMutationsTest {
    private static final List<JsonNode> VALUES = List.of(
            Json.parse("null"),
            Json.parse("0"),
            Json.parse("-1"),
            Json.parse("2.5"),
            Json.parse("1e308"),
            Json.parse("99999999999999999999"),
            Json.parse("true"),
            Json.parse("\"\""),
            Json.parse("\" \""),
            Json.parse("\"1\""),
            Json.parse("\"[{}]\""),
            Json.parse("[]"),
            Json.parse("{}"),
            Json.parse("[null]"),
            Json.parse("[[]]"),
            Json.parse("[{}]"),
            Json.parse("{\"value\": [1]}"),
            Json.parse("[{\"role\": \"user\", \"content\": \"x\"}]"),
            new CellNode(""),
            new CellNode("[{"),
            new CellNode("3"));

    @ParameterizedTest
    @MethodSource("org.rlhf4j.preference.format.FormatMiniaturesTest#names")
    void aDamagedRowIsReadOrRefusedButNeverThrows(String name) {
        List<ObjectNode> originals = FormatMiniaturesTest.objects(name, "rows");
        RowFormat format = RowFormat.named(name);
        Property.forAll(400, draws -> damaged(originals, draws), rows -> {
            for (ObjectNode row : rows) {
                RowFormat.all().forEach(any -> any.evidence(row));
                requireSense(format.parse(row), row);
            }
            if (format instanceof GroupFormat grouped) {
                rows.forEach(grouped::groupKey);
                requireSense(grouped.parseGroup(rows), rows);
            }
        });
    }

    private static void requireSense(ParsedRow parsed, Object row) {
        boolean noted = parsed.problems().stream().anyMatch(problem -> problem.rule() == Rule.NOTHING_COMPARED);
        if (parsed.isRefused()) {
            assertThat(parsed.rows()).as("%s", row).isEmpty();
        } else if (parsed.rows().isEmpty()) {
            assertThat(noted).as("%s", row).isTrue();
        }
    }

    private static List<ObjectNode> damaged(List<ObjectNode> originals, Draws draws) {
        List<ObjectNode> rows = new ArrayList<>();
        originals.forEach(row -> rows.add(row.deepCopy()));
        for (int i = draws.between(1, 4); i > 0; i--) {
            damage(draws.pick(rows), draws);
        }
        return rows;
    }

    /** Goes down to a random place and changes what is there. */
    private static void damage(JsonNode node, Draws draws) {
        if (node instanceof ObjectNode object && !object.isEmpty()) {
            String name = draws.pick(
                    object.properties().stream().map(Map.Entry::getKey).toList());
            JsonNode child = object.get(name);
            if (child.isContainerNode() && !child.isEmpty() && draws.flip()) {
                damage(child, draws);
                return;
            }
            switch (draws.between(0, 4)) {
                case 0 -> object.remove(name);
                case 1 -> object.set(draws.text(3), object.remove(name));
                case 2 -> object.set(name, JsonNodeFactory.instance.arrayNode().add(child));
                default -> object.set(name, draws.pick(VALUES).deepCopy());
            }
        } else if (node instanceof ArrayNode array && !array.isEmpty()) {
            int index = draws.between(0, array.size() - 1);
            JsonNode child = array.get(index);
            if (child.isContainerNode() && !child.isEmpty() && draws.flip()) {
                damage(child, draws);
                return;
            }
            switch (draws.between(0, 3)) {
                case 0 -> array.remove(index);
                case 1 -> array.add(child.deepCopy());
                default -> array.set(index, draws.pick(VALUES).deepCopy());
            }
        }
    }
}
