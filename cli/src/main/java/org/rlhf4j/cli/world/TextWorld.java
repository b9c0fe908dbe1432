package org.rlhf4j.cli.world;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Ranking;

/**
 * A kitchen. The prompt orders three ingredients and a way of cooking ("Please bake onions, leeks and beans."); the
 * completion says what the cook will do ("I wash leeks, chop onions, then bake beans.").
 *
 * <p>The true reward is known for any text ({@link Verdict}). It asks for the ingredients and the way of cooking of the
 * prompt, and for the order of every kitchen: wash, then chop, then cook. So it cannot be read off the completion
 * alone, nor off its words without their order.
 *
 * <p>All randomness comes from the {@link SeededStream} that is passed in, drawn in the order in which the methods
 * state it: the same stream gives the same text on every machine.
 */
public final class TextWorld implements CompletionScorer {
    /** The least difference in true reward between two completions of one ranking, in points. */
    public static final double MIN_GAP = 1;

    private static final double OTHER_INGREDIENT = 0.35;
    private static final double OTHER_WAY = 0.5;
    private static final double SHUFFLED = 0.8;
    private static final double STEP_LOST = 0.08;
    private static final double STEP_ADDED = 0.08;
    private static final double SLIP = 0.06;

    private static final int MAX_DRAWS = 10_000;

    /** How good a completion truly is, item by item. */
    public Verdict judge(KitchenOrder order, String completion) {
        return Verdict.of(order, completion);
    }

    /**
     * The true reward of any text as the answer to an order.
     *
     * @param prompt an order of this kitchen
     * @param completion any text
     * @return 0 to 10 points, higher is better
     * @throws IllegalArgumentException if the prompt is no order of this kitchen
     */
    @Override
    public double score(String prompt, String completion) {
        return judge(KitchenOrder.of(prompt), completion).points();
    }

    /**
     * A completion by the imperfect cook who wrote the bundled data.
     *
     * <p>Drawn in turn: the ingredients ordered, shuffled; each of the three, with probability 0.35, replaced by one that
     * was neither ordered nor taken yet; the way ordered or, with 0.5, another one; wash, chop and cook in this order
     * or, with 0.8, shuffled (one shuffle in six changes nothing); with 0.08 a step left out; with 0.08 a random step put
     * in; with 0.06 a slip: one word but the first and the last written twice, or left out.
     *
     * @param order what was asked for
     * @param stream draws
     * @return one sentence
     */
    public String write(KitchenOrder order, SeededStream stream) {
        List<String> ingredients = new ArrayList<>(order.ingredients());
        shuffle(ingredients, stream);
        for (int i = 0; i < ingredients.size(); i++) {
            if (stream.nextDouble() < OTHER_INGREDIENT) {
                List<String> others = new ArrayList<>(Words.INGREDIENTS);
                others.removeAll(order.ingredients());
                others.removeAll(ingredients);
                ingredients.set(i, pick(others, stream));
            }
        }
        String way = order.way();
        if (stream.nextDouble() < OTHER_WAY) {
            way = pick(
                    Words.WAYS.stream()
                            .filter(other -> !other.equals(order.way()))
                            .toList(),
                    stream);
        }
        List<String> actions = new ArrayList<>(List.of(Words.WASH, Words.CHOP, way));
        if (stream.nextDouble() < SHUFFLED) {
            shuffle(actions, stream);
        }
        List<Plan.Step> steps = new ArrayList<>();
        for (int i = 0; i < actions.size(); i++) {
            steps.add(new Plan.Step(actions.get(i), ingredients.get(i)));
        }
        if (stream.nextDouble() < STEP_LOST) {
            steps.remove(stream.nextInt(steps.size()));
        }
        if (stream.nextDouble() < STEP_ADDED) {
            Plan.Step added = new Plan.Step(pick(actions, stream), pick(Words.INGREDIENTS, stream));
            steps.add(stream.nextInt(steps.size() + 1), added);
        }
        String sentence = new Plan(steps).sentence();
        return stream.nextDouble() < SLIP ? slip(sentence, stream) : sentence;
    }

    private static String slip(String sentence, SeededStream stream) {
        List<String> words = Words.of(sentence);
        int at = 1 + stream.nextInt(words.size() - 2);
        if (stream.nextDouble() < 0.5) {
            words.add(at, words.get(at));
        } else {
            words.remove(at);
        }
        return Words.join(words);
    }

    /**
     * Completions of one order by the imperfect cook, their true rewards at least {@link #MIN_GAP} apart: one that comes
     * closer to an earlier one is written anew. So every pair of them has a true order.
     *
     * @param order what was asked for
     * @param count how many, 2 to 5
     * @param stream draws
     */
    public List<String> candidates(KitchenOrder order, int count, SeededStream stream) {
        List<String> texts = new ArrayList<>();
        List<Double> rewards = new ArrayList<>();
        for (int draw = 0; draw < MAX_DRAWS; draw++) {
            String text = write(order, stream);
            double reward = judge(order, text).points();
            if (rewards.stream().allMatch(other -> Math.abs(other - reward) >= MIN_GAP)) {
                texts.add(text);
                rewards.add(reward);
            }
            if (texts.size() == count) {
                return texts;
            }
        }
        throw new IllegalArgumentException("no " + count + " completions with rewards " + MIN_GAP + " apart");
    }

    /**
     * A ranking by a noisy judge: Plackett and Luce's model of the true reward.
     *
     * <p>Each completion gets {@code reward / temperature - ln(-ln(u))}, with u from {@link SeededStream#nextDouble()} in
     * the order of the completions; the largest ranks first. Two completions a and b are then ranked in this order with
     * probability {@code sigmoid((reward(a) - reward(b)) / temperature)}, as Bradley and Terry have it.
     *
     * @param order what was asked for
     * @param completions to be ranked
     * @param temperature of the noise, in points; larger is noisier
     * @param stream draws
     * @return the ranking, best first
     */
    public Ranking rank(KitchenOrder order, List<String> completions, double temperature, SeededStream stream) {
        record Valued(String text, double value) {}
        List<Valued> valued = new ArrayList<>();
        for (String text : completions) {
            double gumbel = -StrictMath.log(-StrictMath.log(stream.nextDouble()));
            valued.add(new Valued(text, judge(order, text).points() / temperature + gumbel));
        }
        valued.sort(Comparator.comparingDouble(Valued::value).reversed());
        return Ranking.of(order.prompt(), valued.stream().map(Valued::text).toList());
    }

    /**
     * The share of pairs whose label agrees with the true rewards: what a perfect judge would reach. Equal rewards count
     * one half.
     *
     * @param pairs at least one, of texts
     * @return 0 to 1
     * @throws IllegalArgumentException if there is no pair, one holds conversations, or a prompt is no order of this
     *     kitchen
     */
    public double ceiling(List<PreferencePair> pairs) {
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException("there are no pairs to compare");
        }
        double agreeing = 0;
        for (PreferencePair pair : pairs) {
            String prompt = Words.text(pair.prompt());
            double chosen = score(prompt, Words.text(pair.chosen()));
            double rejected = score(prompt, Words.text(pair.rejected()));
            agreeing += chosen > rejected ? 1 : chosen == rejected ? 0.5 : 0;
        }
        return agreeing / pairs.size();
    }

    private static String pick(List<String> words, SeededStream stream) {
        return words.get(stream.nextInt(words.size()));
    }

    /** Fisher and Yates, from the end. */
    private static void shuffle(List<String> words, SeededStream stream) {
        for (int i = words.size() - 1; i > 0; i--) {
            Collections.swap(words, i, stream.nextInt(i + 1));
        }
    }
}
