package org.rlhf4j.lm.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Message;
import org.rlhf4j.lm.text.ByteLevelTokenizer;
import org.rlhf4j.lm.text.ChatFormat;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.lm.text.EncodingPolicy.OnOverlong;
import org.rlhf4j.lm.text.ExampleEncoder;
import org.rlhf4j.lm.text.TextTokenizer;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Origin;

class DemonstrationSetTest {
    private static final TextTokenizer BYTES = TextTokenizer.of(ByteLevelTokenizer.files(4096), "bytes");
    private static final int EOS = BYTES.eosId().orElseThrow();
    private static final EncodingPolicy POLICY =
            EncodingPolicy.of(BYTES, 100).withChatFormat(ChatFormat.HUMAN_ASSISTANT);

    @AfterAll
    static void close() {
        BYTES.close();
    }

    private static Demonstration pair(String prompt, String completion) {
        return new Demonstration(Content.of(prompt), Content.of(completion), Origin.NONE);
    }

    private static Demonstration whole(Content content) {
        return new Demonstration(null, content, Origin.NONE);
    }

    private static DemonstrationSet encode(EncodingPolicy policy, LossTokens loss, Demonstration... rows) {
        List<Located<Demonstration>> located = new ArrayList<>();
        for (Demonstration row : rows) {
            located.add(new Located<>("sft.jsonl", located.size() + 1, row));
        }
        return DemonstrationSet.encode(located.iterator(), new ExampleEncoder(BYTES, policy), loss);
    }

    private static List<EncodedExample> examples(DemonstrationSet set) {
        return set.rows().stream().map(EncodedDemonstration::example).toList();
    }

    @Test
    void everyFormOfRowSaysWhatIsImitated() {
        Content chat = Content.of(List.of(
                new Message("user", "q"),
                new Message("assistant", "a"),
                new Message("user", "r"),
                new Message("assistant", "b")));
        Demonstration[] rows = {pair("p", "c"), whole(Content.of("text")), whole(chat), pair("p", "c")};
        DemonstrationSet completions = encode(POLICY, LossTokens.COMPLETION, rows);
        assertThat(completions.rows())
                .extracting(EncodedDemonstration::place)
                .containsExactly("sft.jsonl:1", "sft.jsonl:2", "sft.jsonl:3", "sft.jsonl:4");
        assertThat(completions.counts().kept()).isEqualTo(4);
        assertThat(examples(completions).get(0)).isEqualTo(new EncodedExample(new int[] {'p', 'c', EOS}, 1));
        assertThat(examples(completions).get(1)).isEqualTo(new EncodedExample(new int[] {'t', 'e', 'x', 't', EOS}, 1));
        EncodedExample turns = examples(completions).get(2);
        // " a", then " b" and EOS.
        assertThat(turns.completionLength()).isEqualTo(5);
        assertThat(turns.length()).isEqualTo("\n\nHuman: q\n\nAssistant: a\n\nHuman: r\n\nAssistant: b".length() + 1);
        assertThat(examples(completions).get(3))
                .as("given twice")
                .isEqualTo(examples(completions).get(0));

        for (EncodedExample all : examples(encode(POLICY, LossTokens.ALL, rows))) {
            assertThat(all.completionLength()).isEqualTo(all.length() - 1);
            assertThat(all.promptLength()).isEqualTo(1);
        }
    }

    @Test
    void rowsThatAreTooLongAreLeftOutAndCountedOnlyWhereThatIsWanted() {
        EncodingPolicy short5 = POLICY.withMaxLength(5);
        Demonstration[] rows = {pair("p", "c"), pair("prompt", "c"), pair("p", "c")};
        assertThatThrownBy(() -> encode(short5, LossTokens.COMPLETION, rows))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("1 of 3 rows cannot be used")
                .hasMessageContaining("sft.jsonl:2: 8 tokens, the limit is 5");
        DemonstrationSet dropped = encode(short5.withOnOverlong(OnOverlong.DROP), LossTokens.COMPLETION, rows);
        assertThat(dropped.rows())
                .extracting(EncodedDemonstration::place)
                .containsExactly("sft.jsonl:1", "sft.jsonl:3");
        assertThat(dropped.counts().dropped()).isEqualTo(1);
        DemonstrationSet cut = encode(short5.withOnOverlong(OnOverlong.TRUNCATE), LossTokens.COMPLETION, rows);
        assertThat(examples(cut).get(1)).isEqualTo(new EncodedExample(new int[] {'m', 'p', 't', 'c', EOS}, 3));
        assertThat(cut.counts().truncated()).isEqualTo(1);
    }

    @Test
    void aRowWithNothingToLearnNamesItsPlace() {
        EncodingPolicy bare =
                new EncodingPolicy(false, false, 100, OnOverlong.ERROR, POLICY.onUnknown(), ChatFormat.NONE);
        assertThatThrownBy(() -> encode(bare, LossTokens.COMPLETION, pair("p", "c"), whole(Content.of("t"))))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("sft.jsonl:2: no token counts, so there is nothing to learn");
    }
}
