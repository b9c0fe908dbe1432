package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.lm.text.ExampleEncoder;
import org.rlhf4j.testing.Golden;

/** Prompt and completion reach an encoder as the pair of texts that its tokenizer makes of them. */
class EncoderTextTest {
    @TempDir
    private Path parent;

    private interface Look {
        void at(ExampleEncoder encoder);
    }

    private void open(String name, UnaryOperator<EncodingPolicy> encoding, Look look) {
        open(Golden.copyDirectory("encoders/" + name, parent), encoding, look);
    }

    private static void open(Path directory, UnaryOperator<EncodingPolicy> encoding, Look look) {
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            ExampleEncoder encoder = checkpoint.openEncoder(encoding);
            try {
                look.at(encoder);
            } finally {
                encoder.tokenizer().close();
            }
        }
    }

    /** By a template, by BertProcessing and by RobertaProcessing. */
    @ParameterizedTest
    @ValueSource(strings = {"bert", "electra", "roberta"})
    void idsAreThoseThatTransformersMakesOfThePair(String name) {
        open(name, policy -> policy, encoder -> {
            for (JsonNode each : Golden.json("encoders/" + name + "/golden").get("texts")) {
                EncodedExample example = encoder.encode(
                        each.get("prompt").textValue(), each.get("completion").textValue());
                assertThat(example.ids()).isEqualTo(Golden.ints(each.get("ids")));
            }
        });
    }

    @Test
    void theCompletionAndWhatFollowsItCount() {
        // [CLS] a b [SEP] ab [SEP]
        open("bert", policy -> policy, encoder -> {
            EncodedExample example = encoder.encode("a b", "ab");
            assertThat(example.promptLength()).isEqualTo(4);
            assertThat(example.completionLength()).isEqualTo(2);
        });
    }

    @Test
    void aLongPromptLosesItsLeftAndKeepsItsSpecialTokens() {
        // [CLS] b c [SEP] a [SEP] is what six tokens have room for.
        open(
                "bert",
                policy -> policy.withMaxLength(6).withOnOverlong(EncodingPolicy.OnOverlong.TRUNCATE),
                encoder -> assertThat(encoder.encode("d a b c", "a").ids()).containsExactly(2, 6, 7, 3, 5, 3));
    }

    @Test
    void aSequenceOfPostProcessorsIsReadThrough() throws Exception {
        Path directory = Golden.copyDirectory("encoders/roberta", parent);
        Path file = directory.resolve("tokenizer.json");
        ObjectNode json = (ObjectNode) Json.read(file);
        JsonNode roberta = json.get("post_processor");
        ObjectNode sequence = json.putObject("post_processor").put("type", "Sequence");
        sequence.putArray("processors")
                .add(Json.parse("{\"type\":\"ByteLevel\"}"))
                .add(roberta);
        Files.writeString(file, Json.write(json));
        open(
                directory,
                policy -> policy,
                encoder -> assertThat(encoder.encode("a b", "ab").ids()).containsExactly(0, 5, 6, 2, 2, 9, 2));
    }

    @Test
    void aTokenizerThatDoesNotSayHowItPairsIsRefused() throws Exception {
        Path directory = Golden.copyDirectory("encoders/bert", parent);
        Path file = directory.resolve("tokenizer.json");
        ObjectNode json = (ObjectNode) Json.read(file);
        json.putNull("post_processor");
        Files.writeString(file, Json.write(json));
        assertThatThrownBy(() -> open(directory, policy -> policy, encoder -> {}))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("tokenizer.json")
                .hasMessageContaining("has no post_processor that puts two texts together");
    }

    @Test
    void theContextOfRobertaIsWhatIsAfterThePaddingPosition() {
        open(
                "roberta",
                policy -> policy,
                encoder -> assertThat(encoder.policy().maxLength()).isEqualTo(126));
    }
}
