package org.rlhf4j.lm.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
    private final Pattern alike;
    private final Set<String> folded;
    private final Pattern units;
    private final boolean none;

    /**
     * The spellings of some tokens; where one starts another, the longer one is found.
     *
     * @param literals what a template may look for in a text
     */
    SpecialSpelling(Collection<String> tokens, Set<String> literals) {
        Set<String> spelled = tokens.stream().filter(token -> !token.isEmpty()).collect(Collectors.toSet());
        this.none = spelled.isEmpty();
        this.specials = Pattern.compile(longestFirst(spelled));
        this.folded = spelled.stream().map(SpecialSpelling::folded).collect(Collectors.toSet());
        this.alike = Pattern.compile(longestFirst(folded));
        Set<String> kept = literals.stream()
                .filter(literal -> !literal.isBlank() && folded.stream().noneMatch(folded(literal)::contains))
                .collect(Collectors.toSet());
        this.units = Pattern.compile(kept.isEmpty() ? "." : longestFirst(kept) + "|.", Pattern.DOTALL);
    }

    private static String longestFirst(Set<String> texts) {
        return texts.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|"));
    }

    /** A text as normalizers may see it: compatible characters are one, and so are both cases. */
    private static String folded(String text) {
        StringBuilder out = new StringBuilder(text.length());
        Normalizer.normalize(text, Normalizer.Form.NFKC)
                .codePoints()
                .map(Character::toLowerCase)
                .forEach(out::appendCodePoint);
        return out.toString();
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

    /** The special tokens that a text spells, in order. */
    List<String> in(String text) {
        return matcher(text).results().map(found -> found.group()).toList();
    }

    /** Whether a normalizer may find other special tokens in a text than it spells. */
    boolean mayFindOthers(String text) {
        return !none && alike.matcher(folded(text)).results().count() != in(text).size();
    }

    /**
     * A text that no template can make part of a special token: the mark parts all that is not white space, but for what
     * the template may look for, which then does to this text what it does to the text itself. At its two ends there is
     * a mark only where a special token could go on.
     */
    String parted(String text, char mark) {
        List<String> parts = new ArrayList<>();
        int first = -1;
        int last = -1;
        for (Matcher unit = units.matcher(text); unit.find(); ) {
            if (!unit.group().isBlank()) {
                first = first < 0 ? parts.size() : first;
                last = parts.size();
            }
            parts.add(unit.group());
        }
        if (last < 0) {
            return text;
        }
        String start = folded(parts.get(first));
        String end = folded(parts.get(last));
        boolean before = folded.stream().anyMatch(token -> token.endsWith(start));
        boolean after =
                folded.stream().anyMatch(token -> parts.size() == 1 ? token.contains(end) : token.startsWith(end));
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            out.append(before && i == first ? String.valueOf(mark) : "").append(parts.get(i));
            boolean marked = i == last ? after : !parts.get(i).isBlank();
            out.append(marked ? String.valueOf(mark) : "");
        }
        return out.toString();
    }
}
