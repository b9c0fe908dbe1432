package org.rlhf4j.lm.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rlhf4j.base.DataFormatException;

/**
 * Tells special tokens that a chat template writes from text of a user that spells them. Before a template sees the text,
 * a mark is put into each spelling, after its first character; a character of Unicode's private use that the
 * conversation does not hold. After it, what is spelled without a mark is the template's.
 */
final class SpecialSpelling {
    private static final char FIRST_MARK = '\uE000';
    private static final char LAST_MARK = '\uF8FF';

    private final Pattern specials;
    private final boolean none;

    /** The spellings of some tokens; where one starts another, the longer one is found. */
    SpecialSpelling(Collection<String> tokens) {
        List<String> longestFirst = tokens.stream()
                .filter(token -> !token.isEmpty())
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .toList();
        this.none = longestFirst.isEmpty();
        this.specials = Pattern.compile(String.join("|", longestFirst));
    }

    /** Whether a text spells a special token. */
    boolean isIn(String text) {
        return !none && specials.matcher(text).find();
    }

    /** The spellings of a text, in order. */
    Matcher matcher(String text) {
        return specials.matcher(none ? "" : text);
    }

    /** A mark that no text of a conversation holds. */
    static char mark(List<String> texts) {
        for (char mark = FIRST_MARK; mark <= LAST_MARK; mark++) {
            char candidate = mark;
            if (texts.stream().allMatch(text -> text.indexOf(candidate) < 0)) {
                return mark;
            }
        }
        throw new DataFormatException(
                "spells special tokens and holds every character of Unicode's private use; they cannot be told apart");
    }

    /** A text whose spellings hold the mark. */
    String marked(String text, char mark) {
        return matcher(text).replaceAll(found -> {
            String token = found.group();
            int first = token.offsetByCodePoints(0, 1);
            return Matcher.quoteReplacement(token.substring(0, first) + mark + token.substring(first));
        });
    }
}
