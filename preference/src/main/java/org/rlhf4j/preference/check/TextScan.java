package org.rlhf4j.preference.check;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Rule;

/** Looks through the characters of a text, once, for what a tokenizer sees and a reader does not. */
final class TextScan {
    private static final int LATIN_1 = 0x100;
    private static final char REPLACEMENT = '\uFFFD';
    private static final char DELETE = 0x7F;
    private static final int TOKEN_CHARS = 48;

    /**
     * Tokens of the templates of Llama 2, Mistral, Gemma and their kin; those written with bars, as ChatML, Llama 3 and
     * DeepSeek have them, are known by their shape.
     */
    private static final List<String> TOKENS = List.of(
            "<s>",
            "</s>",
            "<bos>",
            "<eos>",
            "<start_of_turn>",
            "<end_of_turn>",
            "<<SYS>>",
            "<</SYS>>",
            "[INST]",
            "[/INST]");

    private static final Pattern BARRED = Pattern.compile("<(\\||\uFF5C)[\\p{L}\\p{N}_\u2581-]{1,40}\\1>");
    private static final Pattern ENTITY =
            Pattern.compile("&(?:amp|lt|gt|quot|apos|nbsp|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});");

    /** Which of the first 256 characters start something that is looked for. */
    private static final boolean[] TELLING = new boolean[LATIN_1];

    static {
        for (int c = 0; c < LATIN_1; c++) {
            boolean control = (c < ' ' && c != '\t' && c != '\n' && c != '\r') || (c >= DELETE && c < 0xA0);
            TELLING[c] = control || c == '<' || c == '[' || c == '&' || Mojibake.mayStart((char) c);
        }
    }

    /** Receives what is found; a rule may come several times. */
    @FunctionalInterface
    interface Finds {
        /**
         * Takes what was found.
         *
         * @param rule the rule that the text breaks
         * @param what a clause about the text, as in {@code spells "<|im_end|>"}
         */
        void found(Rule rule, String what);
    }

    private TextScan() {}

    static void scan(String text, Finds finds) {
        int length = text.length();
        int i = 0;
        while (i < length) {
            char c = text.charAt(i);
            if (c < LATIN_1 ? TELLING[c] : c == REPLACEMENT) {
                i += look(text, i, c, finds);
            } else {
                i++;
            }
        }
    }

    /** Looks at a telling character; gives how many characters are done with. */
    private static int look(String text, int at, char c, Finds finds) {
        switch (c) {
            case REPLACEMENT -> finds.found(Rule.REPLACEMENT_CHARACTER, "has U+FFFD at character " + (at + 1));
            case '&' -> {
                String entity = match(ENTITY, text, at);
                if (entity != null) {
                    finds.found(Rule.HTML_ENTITY, "has the HTML entity \"" + entity + "\"");
                }
            }
            case '<', '[' -> {
                String token = token(text, at);
                if (token != null) {
                    finds.found(Rule.SPECIAL_TOKEN, "spells \"" + token + "\"");
                }
            }
            default -> {
                int garbled = Mojibake.at(text, at);
                if (garbled > 0) {
                    String seen = text.substring(at, at + garbled);
                    finds.found(Rule.MOJIBAKE, "has \"" + seen + "\", once \"" + Mojibake.original(seen) + "\"");
                    return garbled;
                }
                if (Character.isISOControl(c)) {
                    finds.found(Rule.CONTROL_CHARACTER, String.format(Locale.ROOT, "has U+%04X", (int) c));
                }
            }
        }
        return 1;
    }

    private static @Nullable String token(String text, int at) {
        for (String token : TOKENS) {
            if (text.startsWith(token, at)) {
                return token;
            }
        }
        return match(BARRED, text, at);
    }

    private static @Nullable String match(Pattern pattern, String text, int at) {
        Matcher matcher = pattern.matcher(text).region(at, Math.min(text.length(), at + TOKEN_CHARS));
        return matcher.lookingAt() ? matcher.group() : null;
    }
}
