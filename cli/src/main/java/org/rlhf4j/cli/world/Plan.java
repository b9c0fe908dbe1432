package org.rlhf4j.cli.world;

import java.util.ArrayList;
import java.util.List;

/**
 * What a completion says will be done, step by step.
 *
 * @param steps from first to last
 */
record Plan(List<Step> steps) {
    /**
     * One thing done to one ingredient.
     *
     * @param action wash, chop, boil, fry, bake or grill
     * @param ingredient what it is done to
     */
    record Step(String action, String ingredient) {
        @Override
        public String toString() {
            return action + " " + ingredient;
        }
    }

    Plan {
        steps = List.copyOf(steps);
    }

    /** The steps in any text: each action that is directly followed by an ingredient. */
    static Plan in(List<String> words) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i + 1 < words.size(); i++) {
            if (isAction(words.get(i)) && Words.INGREDIENTS.contains(words.get(i + 1))) {
                steps.add(new Step(words.get(i), words.get(i + 1)));
            }
        }
        return new Plan(steps);
    }

    private static boolean isAction(String word) {
        return word.equals(Words.WASH) || word.equals(Words.CHOP) || Words.WAYS.contains(word);
    }

    /** The proper sentence: "I wash leeks, chop onions, then bake beans."; nothing for no steps. */
    String sentence() {
        if (steps.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("I ").append(steps.get(0));
        for (int i = 1; i < steps.size(); i++) {
            text.append(i == steps.size() - 1 ? ", then " : ", ").append(steps.get(i));
        }
        return text.append('.').toString();
    }

    /** The ingredient of some step is this one. */
    boolean uses(String ingredient) {
        return steps.stream().anyMatch(step -> step.ingredient().equals(ingredient));
    }

    /** The action of some step is this one. */
    boolean does(String action) {
        return steps.stream().anyMatch(step -> step.action().equals(action));
    }

    /** Where one of the actions occurs first, counted from 0, or -1. */
    int first(List<String> actions) {
        for (int i = 0; i < steps.size(); i++) {
            if (actions.contains(steps.get(i).action())) {
                return i;
            }
        }
        return -1;
    }
}
