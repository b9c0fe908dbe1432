package org.rlhf4j.lm.generate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.lm.text.TextTokenizer;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Property;

class CompletionTextTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path parent;

    private TextTokenizer golden(String name) {
        return TextTokenizer.open(Golden.copyDirectory("tokenizer/" + name, parent));
    }

    /** The pieces that were told for each token, and the rest. */
    private static List<String> pieces(CompletionText text, int... ids) {
        List<String> pieces = new ArrayList<>();
        for (int id : ids) {
            if (!text.stopped()) {
                pieces.add(text.add(id));
            }
        }
        pieces.add(text.finish());
        assertThat(String.join("", pieces)).isEqualTo(text.text());
        return pieces;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "bpe", "metaspace", "prepend"})
    void tokenByTokenTheTextIsThatOfAllTokensAtOnce(String name) {
        try (TextTokenizer tokenizer = golden(name)) {
            for (JsonNode each : Golden.cases("tokenizer/" + name, "cases")) {
                int[] ids = Golden.ints(each.get("ids_control"));
                CompletionText text = new CompletionText(tokenizer, List.of(), false);
                pieces(text, ids);
                assertThat(text.text()).isEqualTo(tokenizer.decode(ids, true));
            }
            Property.forAll(60, draws -> draws.text(12), written -> {
                int[] ids = tokenizer.encodeContent(written);
                CompletionText text = new CompletionText(tokenizer, List.of(), false);
                pieces(text, ids);
                assertThat(text.text()).isEqualTo(tokenizer.decode(ids, true));
            });
        }
    }

    @Test
    void aCharacterIsToldWhenItsLastByteIsThere() {
        try (TextTokenizer tokenizer = golden("bytes")) {
            int[] ids = tokenizer.encodeContent("é€😀x");
            assertThat(pieces(new CompletionText(tokenizer, List.of(), false), ids))
                    .containsExactly("", "é", "", "", "€", "", "", "", "😀", "x", "");
        }
    }

    @Test
    void bytesThatNeverBecomeACharacterAreToldAtTheEnd() {
        try (TextTokenizer tokenizer = golden("bytes")) {
            int[] euro = tokenizer.encodeContent("€");
            List<String> pieces = pieces(new CompletionText(tokenizer, List.of(), false), 'a', euro[0], euro[1]);
            assertThat(pieces).containsExactly("a", "", "", "\uFFFD");
            assertThat(pieces(new CompletionText(tokenizer, List.of(), false), euro[0], 'b'))
                    .containsExactly("", "\uFFFDb", "");
        }
    }

    @Test
    void textIsHeldWhileAStopStringMayStartThere() {
        try (TextTokenizer tokenizer = golden("bytes")) {
            CompletionText text = new CompletionText(tokenizer, List.of("END", "EE"), false);
            assertThat(pieces(text, tokenizer.encodeContent("aENoEbEN")))
                    .containsExactly("a", "", "", "ENo", "", "Eb", "", "", "EN");
            assertThat(text.stopped()).isFalse();
        }
    }

    @Test
    void theTextIsCutBeforeTheFirstStopString() {
        try (TextTokenizer tokenizer = golden("bytes")) {
            CompletionText text = new CompletionText(tokenizer, List.of("END", "\n\n"), false);
            assertThat(pieces(text, tokenizer.encodeContent("one\ntwo E\n\nEND")))
                    .containsExactly("o", "n", "e", "", "\nt", "w", "o", " ", "", "E", "", "");
            assertThat(text.text()).isEqualTo("one\ntwo E");
            assertThat(text.stopped()).isTrue();
        }
    }

    /** Whatever the tokens are, no part of a stop string is told, and the text is that of all tokens, cut. */
    @Test
    void stopStringsAreFoundAcrossTokens() {
        try (TextTokenizer tokenizer = golden("bpe")) {
            Property.forAll(
                    200, draws -> draws.list(0, 30, d -> d.pick(List.of("a", "b", "ab", " the", "é"))), parts -> {
                        int[] ids = parts.stream()
                                .flatMapToInt(part -> java.util.Arrays.stream(tokenizer.encodeContent(part)))
                                .toArray();
                        List<String> stops = List.of("aba", "b the");
                        CompletionText text = new CompletionText(tokenizer, stops, false);
                        pieces(text, ids);
                        String whole = tokenizer.decode(ids, true);
                        int cut = stops.stream()
                                .mapToInt(whole::indexOf)
                                .filter(at -> at >= 0)
                                .min()
                                .orElse(whole.length());
                        assertThat(text.stopped()).isEqualTo(cut < whole.length());
                        assertThat(text.text()).isEqualTo(whole.substring(0, cut));
                    });
        }
    }

    @Test
    void theSpaceBeforeAnAnswerIsDropped() {
        try (TextTokenizer tokenizer = golden("bpe")) {
            for (String written : new String[] {" yes, sir", "yes, sir"}) {
                CompletionText text = new CompletionText(tokenizer, List.of(), true);
                pieces(text, tokenizer.encodeContent(written));
                assertThat(text.text()).isEqualTo("yes, sir");
            }
        }
    }

    @Test
    void specialTokensAndIdsOfNoTokenHaveNoText() {
        try (TextTokenizer tokenizer = golden("metaspace")) {
            int[] hello = tokenizer.encodeContent("hello there");
            CompletionText text = new CompletionText(tokenizer, List.of(), false);
            int[] ids = new int[hello.length + 2];
            System.arraycopy(hello, 0, ids, 1, hello.length);
            ids[0] = tokenizer.bosId().orElseThrow();
            ids[ids.length - 1] = 1_000_000;
            pieces(text, ids);
            assertThat(text.text()).isEqualTo("hello there");
        }
    }
}
