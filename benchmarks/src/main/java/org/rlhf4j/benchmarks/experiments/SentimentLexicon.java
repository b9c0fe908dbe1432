package org.rlhf4j.benchmarks.experiments;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rlhf4j.base.CompletionScorer;

/**
 * A programmatic sentiment for Shakespeare's English: {@code tanh((p - n) / 2)}, with p words of the completion in a list of
 * pleasant words and n in a list of unpleasant ones. The prompt does not count.
 *
 * <p>The task is that of Ziegler et al. 2019 (arXiv:1909.08593), where a classifier is the judge: continue a text so that it
 * sounds positive. Words are runs of ASCII letters, in lower case; a word counts as often as it occurs.
 */
public final class SentimentLexicon implements CompletionScorer {
    private static final Set<String> PLEASANT = words("""
            beauteous beauty best better bless blessed brave bright comfort content dear delight fair faith friend
            friends gentle glad glory good grace gracious happy heaven honour hope joy kind light love loving merry
            mercy noble peace pleasure precious pure rejoice rich smile sweet triumph true virtue wise worthy
            """);

    private static final Set<String> UNPLEASANT = words("""
            banish banished base bitter black blood bloody cruel curse cursed dead death despair die enemies enemy
            false fear fool foul grave grief grieve hate heavy hell ill kill lie murder pain plague poison poor
            revenge sad shame sick sin slain sorrow tears traitor traitors treason vile villain war weep woe
            wretched wrong
            """);

    private static final Pattern WORD = Pattern.compile("[a-z]+");

    private static Set<String> words(String text) {
        return Set.of(text.strip().split("\\s+"));
    }

    @Override
    public double score(String prompt, String completion) {
        return Math.tanh(balance(completion) / 2.0);
    }

    /** Pleasant less unpleasant words of a text. */
    public static int balance(String text) {
        int balance = 0;
        Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
        while (matcher.find()) {
            balance += PLEASANT.contains(matcher.group()) ? 1 : UNPLEASANT.contains(matcher.group()) ? -1 : 0;
        }
        return balance;
    }
}
