package org.rlhf4j.cli.world;

import java.util.List;

/**
 * How good a completion truly is, item by item.
 *
 * @param ingredients how many of the three ingredients asked for are used, 0 to 3; 2 points each
 * @param way whether some step cooks in the way asked for; 2 points
 * @param washedBeforeChopping whether the first washing comes before the first chopping; 1 point
 * @param choppedBeforeCooking whether the first chopping comes before the first cooking, in whatever way; 1 point
 * @param extraSteps how many steps there are beyond three; each costs 1 point
 * @param edits how many words must be inserted, deleted or replaced to make the text the proper sentence of its steps;
 *     each costs half a point
 */
public record Verdict(
        int ingredients,
        boolean way,
        boolean washedBeforeChopping,
        boolean choppedBeforeCooking,
        int extraSteps,
        int edits) {
    /** The most that a completion can get. */
    public static final double MAX = 10;

    /** Beyond this many steps nothing is left of the points, so the words need no comparison. */
    private static final int HOPELESS = KitchenOrder.INGREDIENTS + (int) MAX;

    static Verdict of(KitchenOrder order, String completion) {
        List<String> words = Words.of(completion);
        Plan plan = Plan.in(words);
        int steps = plan.steps().size();
        int wash = plan.first(List.of(Words.WASH));
        int chop = plan.first(List.of(Words.CHOP));
        int cook = plan.first(Words.WAYS);
        return new Verdict(
                (int) order.ingredients().stream().filter(plan::uses).count(),
                plan.does(order.way()),
                wash >= 0 && wash < chop,
                chop >= 0 && chop < cook,
                Math.max(0, steps - KitchenOrder.INGREDIENTS),
                steps > HOPELESS ? 0 : Words.distance(words, Words.of(plan.sentence())));
    }

    /**
     * The true reward, 0 to 10 points, in steps of a half.
     *
     * <p>{@code min(10, max(0, 2 ingredients + 2 [way] + [washedBeforeChopping] + [choppedBeforeCooking] - extraSteps -
     * edits / 2))}
     */
    public double points() {
        double points = 2.0 * ingredients - extraSteps - 0.5 * edits;
        points += way ? 2 : 0;
        points += washedBeforeChopping ? 1 : 0;
        points += choppedBeforeCooking ? 1 : 0;
        return Math.min(MAX, Math.max(0, points));
    }
}
