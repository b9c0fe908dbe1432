package org.rlhf4j.lm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.testing.Golden;

class TextTokenizerTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path parent;

    private TextTokenizer golden(String name) {
        return TextTokenizer.open(Golden.copyDirectory("tokenizer/" + name, parent));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "bpe", "metaspace", "prepend"})
    void idsAreThoseOfTransformersForContentAndForTemplates(String name) {
        try (TextTokenizer tokenizer = golden(name)) {
            for (JsonNode each : Golden.cases("tokenizer/" + name, "cases")) {
                String text = each.get("text").textValue();
                assertThat(tokenizer.encodeContent(text))
                        .as("content %s", text)
                        .isEqualTo(Golden.ints(each.get("ids_plain")));
                assertThat(tokenizer.encodeTemplate(text))
                        .as("template %s", text)
                        .isEqualTo(Golden.ints(each.get("ids_control")));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "bpe", "metaspace", "prepend"})
    void decodingGivesWhatTransformersGives(String name) {
        try (TextTokenizer tokenizer = golden(name)) {
            for (JsonNode each : Golden.cases("tokenizer/" + name, "cases")) {
                assertThat(tokenizer.decode(Golden.ints(each.get("ids_control")), false))
                        .isEqualTo(each.get("decoded").textValue());
                assertThat(tokenizer.decode(Golden.ints(each.get("ids_plain")), false))
                        .isEqualTo(each.get("decoded_plain").textValue());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "bpe", "metaspace", "prepend"})
    void rolesAndSizeAreThoseOfTransformers(String name) {
        JsonNode golden = Golden.json("tokenizer/" + name);
        try (TextTokenizer tokenizer = golden(name)) {
            JsonNode ids = golden.get("special_ids");
            assertThat(tokenizer.vocabularySize())
                    .isEqualTo(golden.get("vocabulary").intValue());
            assertThat(tokenizer.bosId().orElse(-1)).isEqualTo(ids.path("bos").asInt(-1));
            assertThat(tokenizer.eosId().orElse(-1)).isEqualTo(ids.path("eos").asInt(-1));
            assertThat(tokenizer.padId().orElse(-1)).isEqualTo(ids.path("pad").asInt(-1));
            assertThat(tokenizer.unknownId().orElse(-1))
                    .isEqualTo(ids.path("unk").asInt(-1));
            // ids_template is the empty text encoded as the tokenizer itself would: BOS or nothing.
            int[] empty = Golden.ints(golden.get("cases").get(0).get("ids_template"));
            assertThat(tokenizer.addsBos()).isEqualTo(empty.length == 1);
        }
    }

    @Test
    void theByteLevelTokenizerWrittenHereIsTheGoldenOne() {
        Map<String, byte[]> files = ByteLevelTokenizer.files(4096);
        assertThat(json(files, "tokenizer.json")).isEqualTo(Json.parse(Golden.bytes("tokenizer/bytes/tokenizer.json")));
        ObjectNode config = (ObjectNode) Json.parse(Golden.bytes("tokenizer/bytes/tokenizer_config.json"));
        config.put("model_max_length", 4096);
        assertThat(json(files, "tokenizer_config.json")).isEqualTo(config);
        assertThat(json(files, "special_tokens_map.json"))
                .isEqualTo(Json.parse(Golden.bytes("tokenizer/bytes/special_tokens_map.json")));
    }

    private static JsonNode json(Map<String, byte[]> files, String name) {
        return Json.parse(Objects.requireNonNull(files.get(name), name));
    }

    @Test
    void aWordLevelVocabularyDoesNotGiveAwayItsSpecialTokens() {
        // In a word-level vocabulary "<eos>" is a word like any other, so taking it off the list of added tokens is not
        // enough: as content it must become the unknown token.
        try (TextTokenizer tokenizer = wordLevel("<unk>")) {
            assertThat(tokenizer.encodeTemplate("red <eos>")).containsExactly(2, 1);
            assertThat(tokenizer.encodeContent("red <eos>")).containsExactly(2, 0);
            EncodedText encoded = tokenizer.content("red <eos> mauve");
            assertThat(encoded.unknown()).isEqualTo(2);
            assertThat(encoded.firstUnknown()).isEqualTo("<eos>");
        }
    }

    @Test
    void aTokenThatSharesItsIdWithASpecialOneIsNotLetThrough() {
        ObjectNode json = (ObjectNode) Json.parse(Golden.bytes("tokenizer/bytes/tokenizer.json"));
        ((ObjectNode) json.get("model").get("vocab")).put("a", 258);
        try (TextTokenizer tokenizer = of(json, "{}")) {
            assertThatThrownBy(() -> tokenizer.encodeContent("bab"))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("turns content into its special token 258");
        }
    }

    @Test
    void unknownTextIsFoundByCodePointsNotChars() {
        try (TextTokenizer tokenizer = wordLevel("<unk>")) {
            // The emoji are two chars each, one code point each.
            assertThat(tokenizer.content("red 😀😀 blue").firstUnknown()).isEqualTo("😀😀");
            assertThat(tokenizer.content("red blue").unknown()).isZero();
        }
    }

    @Test
    void textThatATokenizerWithoutAnUnknownTokenDropsIsCounted() {
        ObjectNode json = (ObjectNode) Json.parse(Golden.bytes("tokenizer/bytes/tokenizer.json"));
        json.putNull("pre_tokenizer");
        ObjectNode model = (ObjectNode) json.get("model");
        model.set("vocab", Json.parse("{\"a\":0,\"b\":1}"));
        json.putArray("added_tokens");
        try (TextTokenizer tokenizer = of(json, "{}")) {
            // Nothing splits at spaces, so the two that vanish are lost like the letter between them.
            EncodedText encoded = tokenizer.content("ab é a");
            assertThat(encoded.ids()).containsExactly(0, 1, 0);
            assertThat(encoded.unknown()).isEqualTo(3);
            assertThat(encoded.firstUnknown()).isEqualTo(" ");
        }
        json.set("pre_tokenizer", Json.parse("{\"type\":\"WhitespaceSplit\"}"));
        try (TextTokenizer tokenizer = of(json, "{}")) {
            EncodedText encoded = tokenizer.content("ab é a😀");
            assertThat(encoded.ids()).containsExactly(0, 1, 0);
            assertThat(encoded.unknown()).isEqualTo(2);
            assertThat(encoded.firstUnknown()).isEqualTo("é");
            assertThat(tokenizer.content("ab  ba").unknown()).isZero();
        }
    }

    @Test
    void aTokenWithARoleIsSpecialEvenWhereTheTokenizerDoesNotSaySo() {
        ObjectNode json = (ObjectNode) Json.parse(Golden.bytes("tokenizer/bytes/tokenizer.json"));
        ((ObjectNode) json.get("added_tokens").get(2)).put("special", false);
        try (TextTokenizer tokenizer = of(json, "{\"eos_token\":{\"content\":\"<|eos|>\",\"lstrip\":false}}")) {
            assertThat(tokenizer.eosId()).hasValue(258);
            assertThat(tokenizer.encodeTemplate("<|eos|>")).containsExactly(258);
            assertThat(tokenizer.encodeContent("<|eos|>")).hasSize(7).doesNotContain(258);
        }
    }

    @Test
    void truncationAndPaddingOfTheFileAreIgnored() {
        ObjectNode json = (ObjectNode) Json.parse(Golden.bytes("tokenizer/bytes/tokenizer.json"));
        json.set(
                "truncation",
                Json.parse("{\"direction\":\"Right\",\"max_length\":4,\"strategy\":\"LongestFirst\",\"stride\":0}"));
        json.set(
                "padding",
                Json.parse("{\"strategy\":{\"Fixed\":8},\"direction\":\"Right\",\"pad_to_multiple_of\":null,"
                        + "\"pad_id\":256,\"pad_type_id\":0,\"pad_token\":\"<|pad|>\"}"));
        try (TextTokenizer tokenizer = of(json, "{\"model_max_length\": 4}")) {
            assertThat(tokenizer.encodeContent("x")).containsExactly('x');
            assertThat(tokenizer.encodeContent("x".repeat(2000))).hasSize(2000);
        }
    }

    @Test
    void invalidUnicodeIsRefused() {
        try (TextTokenizer tokenizer = golden("bytes")) {
            assertThatThrownBy(() -> tokenizer.encodeContent("ab\uD83D"))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessage("has half of a surrogate pair at character 2; it is not valid Unicode");
        }
    }

    @Test
    void idsOutsideTheVocabularyAreNotDecoded() {
        try (TextTokenizer tokenizer = golden("bytes")) {
            assertThatThrownBy(() -> tokenizer.decode(new int[] {5, 259}, true)).hasMessageContaining("id 259");
            assertThatThrownBy(() -> tokenizer.decode(new int[] {-1}, true)).hasMessageContaining("id -1");
            assertThat(tokenizer.decode(new int[] {257, 'h', 'i', 258}, true)).isEqualTo("hi");
            assertThat(tokenizer.decode(new int[] {257, 'h', 'i', 258}, false)).isEqualTo("<|bos|>hi<|eos|>");
        }
    }

    @Test
    void aModelWithTooFewEmbeddingRowsIsRefused() {
        try (TextTokenizer tokenizer = golden("bytes")) {
            tokenizer.requireFits(259);
            assertThatThrownBy(() -> tokenizer.requireFits(258))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("ids up to 258 but the model has only 258 embedding rows");
        }
    }

    @Test
    void aDirectoryWithoutTokenizerJsonIsToldHowToGetOne() {
        assertThatThrownBy(() -> TextTokenizer.open(parent))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("tokenizer.json: there is no such file")
                .hasMessageContaining("from transformers import AutoTokenizer");
    }

    @Test
    void damagedFilesAreNamed() {
        assertThatThrownBy(() -> TextTokenizer.of(Map.of("tokenizer.json", new byte[] {'{'}), "dir"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("dir/tokenizer.json");
        ObjectNode json = (ObjectNode) Json.parse(Golden.bytes("tokenizer/bytes/tokenizer.json"));
        assertThatThrownBy(() -> of(json, "{\"eos_token\": \"<nope>\"}"))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("dir/tokenizer.json: has no token \"<nope>\", which it or tokenizer_config.json names");
        assertThatThrownBy(() -> of(json, "{\"eos_token\": 3}"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("dir/tokenizer_config.json: field \"eos_token\"");
        ((ObjectNode) json.get("model")).put("type", "Nonsense");
        assertThatThrownBy(() -> of(json, "{}"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("dir/tokenizer.json: is not a tokenizer that can be used");
    }

    @Test
    void aPrefixThatMergesDoNotHaveIsRefusedBecauseItWouldEndTheProcess() {
        ObjectNode json = (ObjectNode) Json.parse(Golden.bytes("tokenizer/bpe/tokenizer.json"));
        ((ObjectNode) json.get("model")).put("continuing_subword_prefix", "##");
        assertThatThrownBy(() -> of(json, "{}"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("dir/tokenizer.json: field \"model.continuing_subword_prefix\" is \"##\"");
        ObjectNode prefixed = (ObjectNode) Json.parse(Golden.bytes("tokenizer/bytes/tokenizer.json"));
        prefixed.putNull("pre_tokenizer");
        prefixed.putNull("decoder");
        prefixed.putArray("added_tokens");
        prefixed.set(
                "model",
                Json.parse("{\"type\":\"BPE\",\"continuing_subword_prefix\":\"##\",\"unk_token\":null,"
                        + "\"vocab\":{\"a\":0,\"##b\":1,\"ab\":2},\"merges\":[\"a ##b\"]}"));
        try (TextTokenizer tokenizer = of(prefixed, "{}")) {
            assertThat(tokenizer.encodeContent("ab")).containsExactly(2);
        }
    }

    private static TextTokenizer of(ObjectNode json, String config) {
        return TextTokenizer.of(
                Map.of(
                        "tokenizer.json", Json.write(json).getBytes(StandardCharsets.UTF_8),
                        "tokenizer_config.json", config.getBytes(StandardCharsets.UTF_8)),
                "dir");
    }

    static TextTokenizer wordLevel(String unknown) {
        String json = "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":["
                + "{\"id\":0,\"content\":\"<unk>\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
                + "\"normalized\":false,\"special\":true},"
                + "{\"id\":1,\"content\":\"<eos>\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
                + "\"normalized\":false,\"special\":true}],"
                + "\"normalizer\":null,\"pre_tokenizer\":{\"type\":\"WhitespaceSplit\"},\"post_processor\":null,"
                + "\"decoder\":null,\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"<unk>\":0,\"<eos>\":1,\"red\":2,"
                + "\"green\":3,\"blue\":4},\"unk_token\":\"" + unknown + "\"}}";
        return of((ObjectNode) Json.parse(json), "{\"eos_token\":\"<eos>\",\"unk_token\":\"<unk>\"}");
    }
}
