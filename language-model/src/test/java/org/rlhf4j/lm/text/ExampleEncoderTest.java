package org.rlhf4j.lm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.Message;
import org.rlhf4j.lm.text.EncodingPolicy.OnOverlong;
import org.rlhf4j.lm.text.EncodingPolicy.OnUnknown;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Property;

class ExampleEncoderTest {
    private static final TextTokenizer BYTES = TextTokenizer.of(ByteLevelTokenizer.files(4096), "bytes");
    private static final TextTokenizer BPE = goldenTokenizer("bpe");
    private static final EncodingPolicy POLICY =
            new EncodingPolicy(true, true, 12, OnOverlong.ERROR, OnUnknown.ERROR, ChatFormat.NONE);
    private static final int BOS = 257;
    private static final int EOS = 258;

    @AfterAll
    static void close() {
        BYTES.close();
        BPE.close();
    }

    private static TextTokenizer goldenTokenizer(String name) {
        return TextTokenizer.of(
                Map.of(
                        "tokenizer.json", Golden.bytes("tokenizer/" + name + "/tokenizer.json"),
                        "tokenizer_config.json", Golden.bytes("tokenizer/" + name + "/tokenizer_config.json")),
                name);
    }

    private static ExampleEncoder encoder(EncodingPolicy policy) {
        return new ExampleEncoder(BYTES, policy);
    }

    private static TextRow row(String place, String prompt, String... completions) {
        List<Content> texts = new ArrayList<>();
        for (String completion : completions) {
            texts.add(Content.of(completion));
        }
        return new TextRow(place, Content.of(prompt), texts);
    }

    @Test
    void promptAndCompletionAreJoinedBetweenBosAndEos() {
        EncodedExample example = encoder(POLICY).encode("hi", "yo");
        assertThat(example).isEqualTo(new EncodedExample(new int[] {BOS, 'h', 'i', 'y', 'o', EOS}, 3));
        EncodingPolicy bare = new EncodingPolicy(false, false, 12, OnOverlong.ERROR, OnUnknown.ERROR, ChatFormat.NONE);
        assertThat(encoder(bare).encode("hi", "yo")).isEqualTo(new EncodedExample(new int[] {'h', 'i', 'y', 'o'}, 2));
        assertThat(encoder(bare).encode("", "yo")).isEqualTo(new EncodedExample(new int[] {'y', 'o'}, 0));
    }

    @Test
    void aPromptAloneIsTheStartOfEveryExampleWithIt() {
        ExampleEncoder encoder = encoder(POLICY);
        assertThat(encoder.encodePrompt(Content.of("hi"), 4).ids()).containsExactly(BOS, 'h', 'i');
        // 12 tokens in all: BOS, five of the prompt and six to come.
        assertThatThrownBy(() -> encoder.encodePrompt(Content.of("longer"), 6))
                .isInstanceOf(DataFormatException.class)
                .hasMessage(
                        "the prompt has 7 tokens, which leaves no room for 6 more: the limit is 12; --on-overlong truncate cuts its left");
        assertThat(encoder(POLICY.withOnOverlong(OnOverlong.TRUNCATE))
                        .encodePrompt(Content.of("longer"), 6)
                        .ids())
                .containsExactly(BOS, 'o', 'n', 'g', 'e', 'r');
        EncodingPolicy bare = new EncodingPolicy(false, true, 12, OnOverlong.ERROR, OnUnknown.ERROR, ChatFormat.NONE);
        assertThatThrownBy(() -> encoder(bare).encodePrompt(Content.of(""), 4))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("nothing predicts its first token");
    }

    @Test
    void whatAModelWroteMayBeBlank() {
        ExampleEncoder encoder = encoder(POLICY);
        assertThat(encoder.encodeSample(Content.of("hi"), ""))
                .isEqualTo(new EncodedExample(new int[] {BOS, 'h', 'i', EOS}, 3));
        assertThat(encoder.encodeSample(Content.of("hi"), "yo")).isEqualTo(encoder.encode("hi", "yo"));
        Content chat = Content.of(List.of(new Message("user", "hi")));
        ExampleEncoder dialogue = encoder(POLICY.withMaxLength(64).withChatFormat(ChatFormat.HUMAN_ASSISTANT));
        assertThat(dialogue.encodeSample(chat, "yo"))
                .isEqualTo(dialogue.encode(chat, Content.of(List.of(new Message("assistant", "yo")))));
    }

    @Test
    void theBoundaryIsExactWhereTheTokenizerWouldMergeAcrossIt() {
        ExampleEncoder encoder = new ExampleEncoder(BPE, EncodingPolicy.of(BPE, 100));
        // "th" is one token of this vocabulary, "t" and "h" are two others.
        int t = BPE.encodeContent("t")[0];
        int h = BPE.encodeContent("h")[0];
        assertThat(BPE.encodeContent("th")).hasSize(1);
        assertThat(encoder.encode("t", "h")).isEqualTo(new EncodedExample(new int[] {300, t, h, 301}, 2));
    }

    @Test
    void textThatSpellsSpecialTokensStaysText() {
        EncodingPolicy policy = POLICY.withMaxLength(100);
        int[] ids = encoder(policy).encode("<|bos|>", "<|eos|><|pad|>").ids();
        // BOS, 7 + 7 + 7 bytes, EOS.
        assertThat(ids).hasSize(23);
        assertThat(Arrays.stream(ids).filter(id -> id > 255)).containsExactly(BOS, EOS);
    }

    @Test
    void aPolicyForMissingTokensIsRefused() {
        try (TextTokenizer bare =
                TextTokenizer.of(Map.of("tokenizer.json", Golden.bytes("tokenizer/bytes/tokenizer.json")), "dir")) {
            assertThatThrownBy(() -> new ExampleEncoder(bare, POLICY))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessage("the encoding policy adds a BOS token, but the tokenizer names none");
            EncodingPolicy fitting = EncodingPolicy.of(bare, 64);
            assertThat(fitting.addBos()).isFalse();
            assertThat(fitting.addEos()).isFalse();
            new ExampleEncoder(bare, fitting).encode("a", "b");
        }
    }

    @Test
    void theFittingPolicyFollowsTheTokenizer() {
        assertThat(EncodingPolicy.of(BPE, 64).addBos()).isTrue();
        assertThat(EncodingPolicy.of(BPE, 64).addEos()).isTrue();
        assertThat(EncodingPolicy.of(BYTES, 64).addBos()).isFalse();
        assertThat(EncodingPolicy.of(BYTES, 64).onOverlong()).isEqualTo(OnOverlong.ERROR);
    }

    @Test
    void aRowOverTheLimitIsAnErrorByDefault() {
        // BOS + 5 + 6 + EOS = 13 tokens.
        assertThatThrownBy(() -> encoder(POLICY).encode("12345", "abcdef"))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("13 tokens, the limit is 12");
        assertThat(encoder(POLICY).encode("1234", "abcdef").length()).isEqualTo(12);
    }

    @Test
    void truncationTakesFromTheLeftOfThePromptAndNeverFromTheCompletion() {
        ExampleEncoder encoder = encoder(POLICY.withOnOverlong(OnOverlong.TRUNCATE));
        assertThat(encoder.encode("12345", "abcdef"))
                .isEqualTo(
                        new EncodedExample(new int[] {BOS, '2', '3', '4', '5', 'a', 'b', 'c', 'd', 'e', 'f', EOS}, 5));
        // BOS + 1 + 9 + EOS leaves one token of the prompt; one more byte of completion would leave none.
        assertThat(encoder.encode("12345", "abcdefghi").promptLength()).isEqualTo(2);
        assertThatThrownBy(() -> encoder.encode("12345", "abcdefghij"))
                .hasMessage("17 tokens (its completion alone has 11, and completions are never cut), the limit is 12");
    }

    @Test
    void allCompletionsOfARowKeepTheSamePrompt() {
        ExampleEncoder encoder = encoder(POLICY.withOnOverlong(OnOverlong.TRUNCATE));
        List<EncodedExample> pair =
                encoder.encode(row("x", "12345", "abcdef", "ab")).orElseThrow();
        assertThat(pair.get(0).promptLength()).isEqualTo(5);
        assertThat(pair.get(1)).isEqualTo(new EncodedExample(new int[] {BOS, '2', '3', '4', '5', 'a', 'b', EOS}, 5));
    }

    @Test
    void longRowsCanBeDroppedWhole() {
        ExampleEncoder encoder = encoder(POLICY.withOnOverlong(OnOverlong.DROP));
        assertThat(encoder.encode(row("x", "12345", "abcdef", "ab"))).isEqualTo(Optional.empty());
        assertThat(encoder.encode(row("x", "1234", "abcdef", "ab"))).isPresent();
    }

    @Test
    void ofPlainTextAllCountsButTheFirstTokenAndTruncationTakesItsEnd() {
        TextRow text = new TextRow("t:1", null, List.of(Content.of("abcd")));
        assertThat(encoder(POLICY).encode(text).orElseThrow())
                .containsExactly(new EncodedExample(new int[] {BOS, 'a', 'b', 'c', 'd', EOS}, 1));
        EncodingPolicy bare = EncodingPolicy.of(BYTES, 12);
        assertThat(encoder(bare).encode(text).orElseThrow())
                .containsExactly(new EncodedExample(new int[] {'a', 'b', 'c', 'd', EOS}, 1));
        EncodingPolicy short4 = bare.withMaxLength(4);
        assertThatThrownBy(() -> encoder(short4).encode(text)).hasMessage("t:1: 5 tokens, the limit is 4");
        EncodedRows cut = encoder(short4.withOnOverlong(OnOverlong.TRUNCATE)).encodeAll(List.of(text));
        assertThat(cut.rows().get(0).examples())
                .as("the text does not end where it was cut, so EOS does not follow")
                .containsExactly(new EncodedExample(new int[] {'a', 'b', 'c', 'd'}, 1));
        assertThat(cut.counts().truncated()).isEqualTo(1);
    }

    @Test
    void aWholeDataSetIsEncodedWithCounts() {
        List<TextRow> rows =
                List.of(row("a:1", "1", "x", "yy"), row("a:2", "12345", "abcdef", "z"), row("a:3", "", "w"));
        EncodedRows truncated =
                encoder(POLICY.withOnOverlong(OnOverlong.TRUNCATE)).encodeAll(rows);
        // Row 1: 4 + 5 tokens; row 2: 12 + 7; row 3: 3.
        assertThat(truncated.counts()).isEqualTo(new EncodingCounts(3, 3, 1, 0, 0, 31, 12));
        EncodedRows dropped = encoder(POLICY.withOnOverlong(OnOverlong.DROP)).encodeAll(rows);
        assertThat(dropped.counts()).isEqualTo(new EncodingCounts(3, 2, 0, 1, 0, 12, 5));
        assertThat(dropped.rows()).extracting(EncodedRow::index).containsExactly(0, 2);
        assertThat(Json.write(dropped.counts().toJson()))
                .isEqualTo(
                        "{\"rows\":3,\"kept\":2,\"truncated\":0,\"dropped\":1,\"unknown\":0,\"tokens\":12,\"longest\":5}");
    }

    @Test
    void everyKindOfBadRowIsCountedAndItsFirstPlaceNamed() {
        List<TextRow> rows = List.of(
                row("a:1", "1", "x", " \n"),
                row("a:2", "12345", "abcdef"),
                row("a:3", "1", "fine"),
                new TextRow("a:4", Content.of(List.of(new Message("user", "q"))), List.of(Content.of("text"))),
                row("a:5", "1", "abcdefghijk"),
                row("a:6", "1\uDC00", "x"));
        assertThatThrownBy(() -> encoder(POLICY).encodeAll(rows))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("5 of 6 rows cannot be used: ")
                .hasMessageContaining("1 with a blank completion (first a:1: the completion is blank)")
                .hasMessageContaining("2 with content that cannot be encoded (first a:4: the prompt is a conversation")
                .hasMessageContaining("2 with more tokens than the limit (first a:2: 13 tokens, the limit is 12)");
    }

    @Test
    void unknownTextIsAnErrorOrIsCounted() {
        try (TextTokenizer words = TextTokenizerTest.wordLevel("<unk>")) {
            EncodingPolicy strict = EncodingPolicy.of(words, 20);
            assertThatThrownBy(() -> new ExampleEncoder(words, strict).encode("red", "mauve blue"))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessage("the tokenizer has no token for \"mauve\"");
            ExampleEncoder counting = new ExampleEncoder(words, strict.withOnUnknown(OnUnknown.COUNT));
            EncodedRows rows = counting.encodeAll(List.of(row("a:1", "red", "mauve blue"), row("a:2", "red", "blue")));
            assertThat(rows.counts().unknown()).isEqualTo(1);
            assertThat(rows.rows().get(0).examples().get(0)).isEqualTo(new EncodedExample(new int[] {2, 0, 4, 1}, 1));
        }
    }

    @Test
    void anExampleIsAlwaysThePartsItWasMadeOf() {
        ExampleEncoder encoder = encoder(POLICY.withMaxLength(4096));
        Property.forAll(50, draws -> List.of(draws.text(20), "x" + draws.text(20)), texts -> {
            EncodedExample example = encoder.encode(texts.get(0), texts.get(1));
            int[] ids = example.ids();
            int[] prompt = Arrays.copyOfRange(ids, 1, example.promptLength());
            int[] completion = Arrays.copyOfRange(ids, example.promptLength(), ids.length - 1);
            assertThat(BYTES.decode(prompt, false)).isEqualTo(texts.get(0));
            assertThat(BYTES.decode(completion, false)).isEqualTo(texts.get(1));
            assertThat(prompt.length).isEqualTo(texts.get(0).getBytes(StandardCharsets.UTF_8).length);
            assertThat(ids[ids.length - 1]).isEqualTo(EOS);
        });
    }

    @Test
    void thePolicyReadsBackAsItWasWritten() {
        EncodingPolicy policy =
                new EncodingPolicy(true, false, 77, OnOverlong.DROP, OnUnknown.COUNT, ChatFormat.HUMAN_ASSISTANT);
        assertThat(EncodingPolicy.fromJson(JsonFields.of(policy.toJson(), "f", 0)))
                .isEqualTo(policy);
        assertThatThrownBy(() ->
                        EncodingPolicy.fromJson(JsonFields.of(policy.toJson().put("on_overlong", "trunkate"), "f", 0)))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("did you mean \"truncate\"?");
        assertThatThrownBy(() ->
                        EncodingPolicy.fromJson(JsonFields.of(policy.toJson().put("bos", true), "f", 0)))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("\"bos\"");
        assertThatThrownBy(() -> POLICY.withMaxLength(1)).hasMessageContaining("must be at least 2");
    }
}
