package org.rlhf4j.preference.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.container.CellNode;

class ChoiceFormatTest {
    private static final RowFormat CHOICE = RowFormat.named("choice");

    @ParameterizedTest
    @CsvSource({
        "'1', x, ",
        "'2', y, ",
        "'\"1\"', x, ",
        "'\"2\"', y, ",
        "'\"a\"', x, ",
        "'\"B\"', y, ",
        "'\"first\"', x, ",
        "'\" Second \"', y, ",
        "'\"left\"', x, ",
        "'\"right\"', y, ",
        "'\"completion_a\"', x, ",
        "'\"Summary 2\"', y, ",
        "'\"Response A\"', x, ",
        "'\"model_b\"', y, ",
        "'\"tie\"', x, 0.5",
        "'\"Both bad\"', x, 0.5",
        "'\"no preference\"', x, 0.5",
    })
    void aWordOrNumberSaysWhichIsPreferred(String preference, String chosen, Double probability) {
        ObjectNode row = Samples.object("{'prompt':'p','completion_a':'x','completion_b':'y'}");
        row.set("preference", Json.parse(preference));
        PreferencePair pair = (PreferencePair) CHOICE.parse(row).rows().get(0);
        assertThat(pair.chosen().toJson().textValue()).isEqualTo(chosen);
        assertThat(pair.probability()).isEqualTo(probability);
    }

    @ParameterizedTest
    @CsvSource({"0/1, 0, x", "0/1, 1, y", "1/0, 1, x", "1/0, 0, y"})
    void theMeaningOfZeroAndOneIsSetByHand(String codes, int preference, String chosen) {
        RowFormat format = CHOICE.with(Map.of("codes", codes));
        ObjectNode row = Samples.object("{'prompt':'p','completion_a':'x','completion_b':'y'}");
        PreferencePair pair = (PreferencePair)
                format.parse(row.put("preference", preference)).rows().get(0);
        assertThat(pair.chosen().toJson().textValue()).isEqualTo(chosen);
        // A number of another coding is not guessed at.
        assertThat(format.parse(row.put("preference", 2)).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.rule().id()).isEqualTo("ambiguous-row"));
        assertThatThrownBy(() -> CHOICE.with(Map.of("codes", "2/1")))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("unknown value of codes \"2/1\"");
    }

    @Test
    void theTableOfTwoSummariesIsReadAsItIs() {
        ObjectNode row = Json.object();
        row.set("Input text", new CellNode("A long story."));
        row.set("Summary 1", new CellNode("Long."));
        row.set("Summary 2", new CellNode("A story."));
        row.set("Preference", new CellNode("2"));
        assertThat(CHOICE.evidence(row))
                .isEqualTo("it has \"Input text\", \"Summary 1\", \"Summary 2\" and \"Preference\"");
        assertThat(CHOICE.parse(row).rows()).containsExactly(PreferencePair.of("A long story.", "A story.", "Long."));
    }

    @Test
    void aCellIsANumberOnlyWhereItParsesExactly() {
        ObjectNode row = Samples.object("{'prompt':'p','chosen':'a','rejected':'b'}");
        RowFormat pairs = RowFormat.named("pairs");
        row.set("margin", new CellNode("1.5"));
        assertThat(pairs.parse(row).rows())
                .singleElement()
                .satisfies(pair -> assertThat(((PreferencePair) pair).margin()).isEqualTo(1.5));
        row.set("margin", new CellNode(""));
        assertThat(pairs.parse(row).rows()).hasSize(1);
        for (String text : new String[] {"1.5 ", "0x1p3", "NaN", "1d", "01", "+1", "1,5"}) {
            row.set("margin", new CellNode(text));
            assertThat(pairs.parse(row).problems()).as(text).hasSize(1);
        }
        row.put("margin", "1.5");
        assertThat(pairs.parse(row).problems()).hasSize(1);
    }

    @Test
    void aCellIsAListOfMessagesOrATruthValueWhereOneIsWanted() {
        ObjectNode row = Json.object();
        row.set("prompt", new CellNode("[{\"role\":\"user\",\"content\":\"Tea?\"}]"));
        row.set("completion", new CellNode("[{\"role\":\"assistant\",\"content\":\"Yes.\"}]"));
        row.set("label", new CellNode("True"));
        assertThat(RowFormat.named("unpaired").parse(row).rows())
                .singleElement()
                .hasToString(RowFormat.named("unpaired")
                        .parse(Samples.object("{'prompt':[{'role':'user','content':'Tea?'}],"
                                + "'completion':[{'role':'assistant','content':'Yes.'}],'label':true}"))
                        .rows()
                        .get(0)
                        .toString());
        row.set("prompt", new CellNode("[1] and [2]"));
        row.set("completion", new CellNode("[{]"));
        row.set("label", new CellNode("1"));
        assertThat(RowFormat.named("unpaired").parse(row).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.detail()).startsWith("field \"label\" must be true or false"));
    }
}
