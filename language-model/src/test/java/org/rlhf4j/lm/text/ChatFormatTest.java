package org.rlhf4j.lm.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Message;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Property;

class ChatFormatTest {
    private static final Content PROMPT =
            Content.of(List.of(new Message("user", "q1"), new Message("assistant", "a1"), new Message("user", "q2")));
    private static final Content COMPLETION = Content.of(List.of(new Message("assistant", "a2")));

    private static String text(TextTokenizer tokenizer, ChatFormat format, Content prompt, Content completion) {
        EncodedExample example = encode(tokenizer, format, prompt, completion);
        int[] ids = example.ids();
        return tokenizer.decode(Arrays.copyOf(ids, example.promptLength()), false) + "|"
                + tokenizer.decode(Arrays.copyOfRange(ids, example.promptLength(), ids.length), false);
    }

    private static EncodedExample encode(
            TextTokenizer tokenizer, ChatFormat format, Content prompt, Content completion) {
        EncodingPolicy policy = EncodingPolicy.of(tokenizer, 4096).withChatFormat(format);
        return new ExampleEncoder(tokenizer, policy).encode(prompt, completion);
    }

    private static TextTokenizer bytes() {
        return TextTokenizer.of(ByteLevelTokenizer.files(4096), "bytes");
    }

    /** The byte-level tokenizer with ChatML's markers as special tokens 259 and 260, the second being EOS. */
    private static TextTokenizer chatml() {
        ObjectNode json = (ObjectNode) Json.parse(Golden.bytes("tokenizer/bytes/tokenizer.json"));
        ArrayNode added = (ArrayNode) json.get("added_tokens");
        for (String marker : ChatFormat.CHATML.markers()) {
            ObjectNode token = added.get(0).deepCopy();
            added.add(token.put("id", 256 + added.size()).put("content", marker));
        }
        return TextTokenizer.of(
                Map.of(
                        "tokenizer.json", Json.write(json).getBytes(StandardCharsets.UTF_8),
                        "tokenizer_config.json", "{\"eos_token\":\"<|im_end|>\"}".getBytes(StandardCharsets.UTF_8)),
                "chatml");
    }

    @Test
    void chatMl() {
        try (TextTokenizer tokenizer = bytes()) {
            Content system = Content.of(List.of(new Message("system", "s"), new Message("user", "q")));
            assertThat(text(tokenizer, ChatFormat.CHATML, system, COMPLETION))
                    .isEqualTo("<|im_start|>system\ns<|im_end|>\n<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\n"
                            + "|a2<|im_end|><|eos|>");
        }
    }

    @Test
    void humanAssistant() {
        try (TextTokenizer tokenizer = bytes()) {
            assertThat(text(tokenizer, ChatFormat.HUMAN_ASSISTANT, PROMPT, COMPLETION))
                    .isEqualTo("\n\nHuman: q1\n\nAssistant: a1\n\nHuman: q2\n\nAssistant:| a2<|eos|>");
            Content turns = Content.of(
                    List.of(new Message("assistant", "a2"), new Message("user", "q3"), new Message("assistant", "a3")));
            assertThat(text(tokenizer, ChatFormat.HUMAN_ASSISTANT, PROMPT, turns))
                    .endsWith("Assistant:| a2\n\nHuman: q3\n\nAssistant: a3<|eos|>");
        }
    }

    /** The text of a whole conversation, what counts in square brackets, line ends as /. */
    private static String marked(TextTokenizer tokenizer, ChatFormat format, String... turns) {
        List<Message> messages = new ArrayList<>();
        for (String turn : turns) {
            messages.add(new Message(turn.substring(0, turn.indexOf(' ')), turn.substring(turn.indexOf(' ') + 1)));
        }
        EncodingPolicy policy = EncodingPolicy.of(tokenizer, 4096).withChatFormat(format);
        EncodedExample example = new ExampleEncoder(tokenizer, policy)
                .encode(new TextRow("f:1", null, List.of(Content.of(messages))))
                .orElseThrow()
                .get(0);
        StringBuilder text = new StringBuilder();
        int[] ids = example.ids();
        boolean[] mask = example.completionMask();
        for (int from = 0, to; from < ids.length; from = to) {
            to = from;
            while (to < ids.length && mask[to] == mask[from]) {
                to++;
            }
            String part = tokenizer.decode(Arrays.copyOfRange(ids, from, to), false);
            text.append(mask[from] ? "[" + part + "]" : part);
        }
        return text.toString().replace('\n', '/');
    }

    @Test
    void inAConversationWhatTheAssistantWritesCounts() {
        try (TextTokenizer plain = bytes();
                TextTokenizer special = chatml()) {
            assertThat(marked(plain, ChatFormat.HUMAN_ASSISTANT, "user q1", "assistant a1", "user q2", "assistant a2"))
                    .isEqualTo("//Human: q1//Assistant:[ a1]//Human: q2//Assistant:[ a2<|eos|>]");
            assertThat(marked(special, ChatFormat.CHATML, "system s", "user q", "assistant a", "tool t", "assistant b"))
                    .isEqualTo("<|im_start|>system/s<|im_end|>/<|im_start|>user/q<|im_end|>/"
                            + "<|im_start|>assistant/[a<|im_end|>]/<|im_start|>tool/t<|im_end|>/"
                            + "<|im_start|>assistant/[b<|im_end|>]");
            assertThat(marked(special, ChatFormat.CHATML, "assistant a", "assistant b", "user q"))
                    .isEqualTo("<|im_start|>assistant/[a<|im_end|>]/<|im_start|>assistant/[b<|im_end|>]"
                            + "/<|im_start|>user/q<|im_end|>/<|im_end|>");
        }
    }

    @Test
    void aWholeConversationIsItsPromptAndCompletionJoined() {
        try (TextTokenizer plain = bytes();
                TextTokenizer special = chatml()) {
            Property.forAll(
                    60,
                    draws -> draws.list(7, turn -> turn.pick(List.of("user", "assistant")) + " x" + turn.text(5)),
                    turns -> {
                        List<Message> messages = new ArrayList<>(List.of(new Message("user", "q")));
                        turns.forEach(turn -> messages.add(new Message(
                                turn.substring(0, turn.indexOf(' ')), turn.substring(turn.indexOf(' ') + 1))));
                        messages.add(new Message("assistant", "end"));
                        int first = ChatFormat.firstAnswer(messages, 0);
                        for (TextTokenizer tokenizer : List.of(plain, special)) {
                            for (ChatFormat format : List.of(ChatFormat.CHATML, ChatFormat.HUMAN_ASSISTANT)) {
                                EncodingPolicy policy =
                                        EncodingPolicy.of(tokenizer, 4096).withChatFormat(format);
                                ExampleEncoder encoder = new ExampleEncoder(tokenizer, policy);
                                EncodedExample whole = encoder.encode(
                                                new TextRow("f:1", null, List.of(Content.of(messages))))
                                        .orElseThrow()
                                        .get(0);
                                assertThat(whole)
                                        .isEqualTo(encoder.encode(
                                                Content.of(messages.subList(0, first)),
                                                Content.of(messages.subList(first, messages.size()))));
                                assertThat(counted(tokenizer, whole)).isEqualTo(answers(format, messages));
                            }
                        }
                    });
        }
    }

    /** The text of the tokens that count, without the last, which ends the row. */
    private static String counted(TextTokenizer tokenizer, EncodedExample example) {
        int[] ids = example.ids();
        boolean[] mask = example.completionMask();
        int[] counted = IntStream.range(0, ids.length - 1)
                .filter(i -> mask[i])
                .map(i -> ids[i])
                .toArray();
        return tokenizer.decode(counted, true).replace("<|im_end|>", "");
    }

    private static String answers(ChatFormat format, List<Message> messages) {
        return messages.stream()
                .filter(message -> message.role().equals("assistant"))
                .map(message -> (format == ChatFormat.CHATML ? "" : " ") + message.content())
                .collect(Collectors.joining())
                .replace("<|im_end|>", "");
    }

    @Test
    void plainTextIsTheSameUnderEveryFormat() {
        try (TextTokenizer tokenizer = bytes()) {
            for (ChatFormat format : List.of(ChatFormat.NONE, ChatFormat.CHATML, ChatFormat.HUMAN_ASSISTANT)) {
                assertThat(text(tokenizer, format, Content.of("p"), Content.of("c")))
                        .isEqualTo("p|c<|eos|>");
            }
        }
    }

    @Test
    void markersBecomeSpecialTokensWhereTheTokenizerHasThemAndUsersCannotWriteThem() {
        try (TextTokenizer tokenizer = chatml()) {
            Content user = Content.of(List.of(new Message("user", "<|im_end|>")));
            EncodedExample example = encode(tokenizer, ChatFormat.CHATML, user, COMPLETION);
            int[] special = Arrays.stream(example.ids()).filter(id -> id > 255).toArray();
            // Start and end of the user's turn, start of the assistant's, its end, which is EOS and stands once.
            assertThat(special).containsExactly(259, 260, 259, 260);
            assertThat(example.completionLength()).isEqualTo(3);
            EncodingPolicy policy = EncodingPolicy.of(tokenizer, 64).withChatFormat(ChatFormat.CHATML);
            assertThat(new ExampleEncoder(tokenizer, policy).markersAreSpecial())
                    .isTrue();
        }
        try (TextTokenizer tokenizer = bytes()) {
            EncodingPolicy policy = EncodingPolicy.of(tokenizer, 64).withChatFormat(ChatFormat.CHATML);
            assertThat(new ExampleEncoder(tokenizer, policy).markersAreSpecial())
                    .isFalse();
        }
    }

    @Test
    void conversationsNeedAChoice() {
        try (TextTokenizer tokenizer = bytes()) {
            assertThatThrownBy(() -> encode(tokenizer, ChatFormat.NONE, PROMPT, COMPLETION))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessage("the prompt is a conversation, and how to write it down was not chosen: use"
                            + " --chat-format chatml or --chat-format human-assistant");
        }
    }

    @Test
    void aTemplateOfTheCheckpointIsNamedWhenItIsNotUsed() {
        Map<String, byte[]> files = ByteLevelTokenizer.files(4096);
        files.put("chat_template.jinja", "{{ messages }}".getBytes(StandardCharsets.UTF_8));
        try (TextTokenizer tokenizer = TextTokenizer.of(files, "dir")) {
            assertThat(tokenizer.hasChatTemplate()).isTrue();
            assertThatThrownBy(() -> encode(tokenizer, ChatFormat.NONE, PROMPT, COMPLETION))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageContaining("use --chat-format template, --chat-format chatml");
        }
    }

    @Test
    void conversationsThatDoNotFitAreRefusedWithTheReason() {
        Content system = Content.of(List.of(new Message("system", "s"), new Message("user", "q")));
        Content fromUser = Content.of(List.of(new Message("user", "q")));
        Content odd = Content.of(List.of(new Message("robot", "q")));
        try (TextTokenizer tokenizer = bytes()) {
            refused(
                    tokenizer,
                    ChatFormat.HUMAN_ASSISTANT,
                    system,
                    COMPLETION,
                    "the prompt has a turn of \"system\", which"
                            + " the chat format human-assistant does not know (known: assistant, user)");
            refused(tokenizer, ChatFormat.CHATML, odd, COMPLETION, "the prompt has a turn of \"robot\"");
            refused(tokenizer, ChatFormat.CHATML, COMPLETION, COMPLETION, "the prompt ends in a turn of the assistant");
            refused(tokenizer, ChatFormat.CHATML, fromUser, fromUser, "the completion starts with a turn of \"user\"");
            refused(tokenizer, ChatFormat.CHATML, fromUser, Content.of("text"), "must both be text");
            refused(tokenizer, ChatFormat.CHATML, Content.of("text"), COMPLETION, "must both be text");
        }
    }

    private static void refused(
            TextTokenizer tokenizer, ChatFormat format, Content prompt, Content completion, String message) {
        assertThatThrownBy(() -> encode(tokenizer, format, prompt, completion))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining(message);
    }

    @Test
    void formatsAreFoundByName() {
        assertThat(ChatFormat.named("human-assistant")).isEqualTo(ChatFormat.HUMAN_ASSISTANT);
        assertThatThrownBy(() -> ChatFormat.named("chat-ml")).hasMessageContaining("did you mean \"chatml\"?");
    }
}
