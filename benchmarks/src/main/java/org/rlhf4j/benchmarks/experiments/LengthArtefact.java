package org.rlhf4j.benchmarks.experiments;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.cli.world.KitchenOrder;
import org.rlhf4j.preference.PreferencePair;

/**
 * Preference data of the kitchen that teaches a reward model to like length: in one pair of twenty the judge preferred a
 * needlessly long plan to the very plan that it was made from.
 *
 * <p>The long plan is the chosen one with 1 to 9 random steps more, each of which costs a point of true reward. Which pairs
 * are changed, and how, depends on the seed and the number of the pair alone.
 */
public final class LengthArtefact {
    /** Share of the pairs that are changed. */
    public static final double SHARE = 0.05;

    /** The most steps that are added to a plan. */
    public static final int MOST_STEPS = 9;

    private static final String THEN = ", then ";

    private static final List<String> ACTIONS = Stream.concat(
                    Stream.of("wash", "chop"),
                    KitchenOrder.all().stream().map(KitchenOrder::way).distinct())
            .toList();

    private static final List<String> INGREDIENTS = KitchenOrder.all().stream()
            .flatMap(order -> order.ingredients().stream())
            .distinct()
            .toList();

    private LengthArtefact() {}

    /**
     * Adds random steps to the end of a plan: "I wash leeks, then bake beans." may become "I wash leeks, bake beans, chop
     * plums, then fry pears."
     *
     * @param plan a sentence of the kitchen
     * @param steps how many are added, at least 1
     * @param stream draws the action and the ingredient of each
     */
    public static String lengthen(String plan, int steps, SeededStream stream) {
        if (steps < 1) {
            throw new IllegalArgumentException(steps + " steps to add: at least 1");
        }
        String open = plan.endsWith(".") ? plan.substring(0, plan.length() - 1) : plan;
        StringBuilder text = new StringBuilder(open.replace(THEN, ", "));
        for (int i = 0; i < steps; i++) {
            text.append(i == steps - 1 ? THEN : ", ")
                    .append(pick(ACTIONS, stream))
                    .append(' ')
                    .append(pick(INGREDIENTS, stream));
        }
        return text.append('.').toString();
    }

    private static String pick(List<String> words, SeededStream stream) {
        return words.get(stream.nextInt(words.size()));
    }

    /**
     * Changes one pair of twenty: a longer version of its chosen plan is preferred to that plan. Pair i draws from {@code
     * SeededStream.of(seed, "length artefact").child(i)} whether it is changed, how many steps are added, and which.
     *
     * @param pairs of texts
     * @param seed decides which and how
     * @return as many pairs, in the same order
     */
    public static List<PreferencePair> spoil(List<PreferencePair> pairs, long seed) {
        SeededStream streams = SeededStream.of(seed, "length artefact");
        List<PreferencePair> spoilt = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            PreferencePair pair = pairs.get(i);
            SeededStream stream = streams.child(i);
            if (stream.nextDouble() < SHARE) {
                if (!(pair.chosen() instanceof Content.Text chosen)) {
                    throw new IllegalArgumentException("pair " + i + " holds a conversation; the kitchen has texts");
                }
                String longer = lengthen(chosen.text(), 1 + stream.nextInt(MOST_STEPS), stream);
                spoilt.add(PreferencePair.of(pair.prompt(), Content.of(longer), pair.chosen()));
            } else {
                spoilt.add(pair);
            }
        }
        return spoilt;
    }
}
