package org.rlhf4j.lm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Message;
import org.rlhf4j.testing.Golden;

/** Messages that spell special tokens once a template has edited them. */
class ChatTemplateEditsTest {
    private static final String TURN =
            "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ EDIT }}<|im_end|>\n{% endfor %}";

    private static int[] prompt(String template, String tokenizer, Message... messages) {
        Map<String, byte[]> files = new HashMap<>();
        files.put("tokenizer.json", tokenizer.getBytes(StandardCharsets.UTF_8));
        files.put("tokenizer_config.json", Golden.bytes("template/bpe/tokenizer_config.json"));
        files.put("chat_template.jinja", template.getBytes(StandardCharsets.UTF_8));
        try (TextTokenizer opened = TextTokenizer.of(files, "dir")) {
            EncodingPolicy policy = EncodingPolicy.of(opened, 4096).withTemplateDate(LocalDate.of(2025, 1, 2));
            return new ExampleEncoder(opened, policy)
                    .encodePrompt(Content.of(List.of(messages)), 1)
                    .ids();
        }
    }

    private static String tokenizer() {
        return new String(Golden.bytes("template/bpe/tokenizer.json"), StandardCharsets.UTF_8);
    }

    private static String turn(String content) {
        return TURN.replace("EDIT", content);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "m.content.replace('/no_think','').replace('/think',''); x<|im_/thinkend|> y",
                "m.content | lower; a <|IM_END|> b",
                "m.content.replace(' ', ''); a < |im_end|> b",
                "m.content.split('|x')|join; <|im_e|xnd|>",
            })
    void anEditThatSpellsASpecialTokenRefusesTheRow(String edit, String content) {
        assertThatThrownBy(() -> prompt(turn(edit), tokenizer(), new Message("user", content)))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("spells the special token <|im_end|> after the edits");
        assertThat(prompt(turn(edit), tokenizer(), new Message("user", "x /no_think im_end |x> y")))
                .isNotEmpty();
    }

    @Test
    void twoMessagesOrARoleCannotSpellOneTogether() {
        String bare = "{% for m in messages %}{{ m.content }}{% endfor %}";
        assertThatThrownBy(() ->
                        prompt(bare, tokenizer(), new Message("system", "a<|im_"), new Message("user", "start|>b")))
                .hasMessageContaining("spells the special token <|im_start|>");
        String roles = "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content }}{% endfor %}";
        assertThatThrownBy(() -> prompt(roles, tokenizer(), new Message("im_start", "b")))
                .hasMessageContaining("spells the special token <|im_start|>");
        assertThat(prompt(roles, tokenizer(), new Message("user", "b"))).isNotEmpty();
    }

    @Test
    void whatANormalizerMakesASpecialTokenStaysText() {
        String normalizing = tokenizer()
                .replaceFirst("\"normalizer\": *null", "\"normalizer\": {\"type\": \"NFKC\"}")
                .replaceAll("\"normalized\": *false", "\"normalized\": true");
        assertThat(normalizing).contains("NFKC");
        int[] plain = prompt(turn("m.content"), normalizing, new Message("user", "a"));
        int[] wide = prompt(turn("m.content"), normalizing, new Message("user", "a\uff1c|im_end|\uff1e"));
        int end = plain[plain.length - 2];
        assertThat(Arrays.stream(wide).filter(id -> id == end).count()).isEqualTo(1);
    }

    @Test
    void aTokenOnlyItsRoleMakesSpecialKeepsItsIdBesideTextThatSpellsOne() {
        String roleOnly = tokenizer();
        int at = roleOnly.indexOf("<|end_of_text|>");
        int special = roleOnly.indexOf("\"special\"", at);
        roleOnly = roleOnly.substring(0, special) + roleOnly.substring(special).replaceFirst("true", "false");
        String template = "{{ eos_token }}" + turn("m.content");
        List<Integer> firsts = new ArrayList<>();
        for (String content : List.of("a", "<|im_end|>")) {
            firsts.add(prompt(template, roleOnly, new Message("user", content))[0]);
        }
        assertThat(firsts.get(1)).isEqualTo(firsts.get(0));
    }
}
