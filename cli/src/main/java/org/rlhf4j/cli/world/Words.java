package org.rlhf4j.cli.world;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rlhf4j.base.Content;

/** The words of the kitchen, and how a text is taken apart into words. */
final class Words {
    /** What can be on the table. */
    static final List<String> INGREDIENTS = List.of(
            "onions",
            "carrots",
            "leeks",
            "beans",
            "beets",
            "potatoes",
            "tomatoes",
            "mushrooms",
            "peppers",
            "apples",
            "pears",
            "plums");

    /** The ways of cooking that can be asked for. */
    static final List<String> WAYS = List.of("boil", "fry", "bake", "grill");

    /** What comes first in a kitchen. */
    static final String WASH = "wash";

    /** What comes after washing and before cooking. */
    static final String CHOP = "chop";

    private static final Pattern WORD = Pattern.compile("[A-Za-z]+|[^\\sA-Za-z]");

    private Words() {}

    /** The words of a text: runs of ASCII letters; every other character but white space is a word of its own. */
    static List<String> of(String text) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(text);
        while (matcher.find()) {
            words.add(matcher.group());
        }
        return words;
    }

    /** The text of words: a space before each but the first, and none before a comma or full stop. */
    static String join(List<String> words) {
        StringBuilder text = new StringBuilder();
        for (String word : words) {
            if (!text.isEmpty() && !word.equals(",") && !word.equals(".")) {
                text.append(' ');
            }
            text.append(word);
        }
        return text.toString();
    }

    /**
     * The text of a field.
     *
     * @throws IllegalArgumentException if it holds a conversation
     */
    static String text(Content content) {
        if (content instanceof Content.Text text) {
            return text.text();
        }
        throw new IllegalArgumentException("this world knows texts, not conversations");
    }

    /** The fewest words to insert, delete or replace between two texts (Levenshtein's distance over words). */
    static int distance(List<String> from, List<String> to) {
        int[] previous = new int[to.size() + 1];
        for (int j = 0; j <= to.size(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= from.size(); i++) {
            int[] current = new int[to.size() + 1];
            current[0] = i;
            for (int j = 1; j <= to.size(); j++) {
                int replaced = previous[j - 1] + (from.get(i - 1).equals(to.get(j - 1)) ? 0 : 1);
                current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[to.size()];
    }
}
