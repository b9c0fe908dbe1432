package org.rlhf4j.cli.world;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a prompt asks for: three ingredients, and how they shall be cooked.
 *
 * @param way one of boil, fry, bake, grill
 * @param ingredients three different ones, in the order in which the prompt names them
 */
public record KitchenOrder(String way, List<String> ingredients) {
    /** How many ingredients an order names. */
    public static final int INGREDIENTS = 3;

    private static final Pattern PROMPT = Pattern.compile("Please (\\w+) (\\w+), (\\w+) and (\\w+)\\.");

    /**
     * Checks the words.
     *
     * @throws IllegalArgumentException if a word is not one of the kitchen's, or an ingredient is named twice
     */
    public KitchenOrder {
        ingredients = List.copyOf(ingredients);
        if (!Words.WAYS.contains(way)) {
            throw new IllegalArgumentException("\"" + way + "\" is no way of cooking here (known: " + Words.WAYS + ")");
        }
        if (ingredients.size() != INGREDIENTS || new HashSet<>(ingredients).size() != INGREDIENTS) {
            throw new IllegalArgumentException("an order names three different ingredients, not " + ingredients);
        }
        if (!Words.INGREDIENTS.containsAll(ingredients)) {
            throw new IllegalArgumentException(
                    ingredients + " are not all in this kitchen (known: " + Words.INGREDIENTS + ")");
        }
    }

    /** The order as a sentence: "Please bake onions, leeks and beans." */
    public String prompt() {
        return "Please " + way + " " + ingredients.get(0) + ", " + ingredients.get(1) + " and " + ingredients.get(2)
                + ".";
    }

    /**
     * The order that a prompt states.
     *
     * @param prompt a sentence as {@link #prompt()} makes it
     * @throws IllegalArgumentException if it is not one
     */
    public static KitchenOrder of(String prompt) {
        Matcher matcher = PROMPT.matcher(prompt);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + prompt
                    + "\" is no order in this kitchen; one reads \"Please bake onions, leeks and beans.\"");
        }
        return new KitchenOrder(matcher.group(1), List.of(matcher.group(2), matcher.group(3), matcher.group(4)));
    }

    /** Every order there is, 4 x 12 x 11 x 10 = 5,280 of them, in a fixed order. */
    public static List<KitchenOrder> all() {
        List<KitchenOrder> orders = new ArrayList<>();
        for (String way : Words.WAYS) {
            for (String first : Words.INGREDIENTS) {
                for (String second : Words.INGREDIENTS) {
                    for (String third : Words.INGREDIENTS) {
                        if (!first.equals(second) && !first.equals(third) && !second.equals(third)) {
                            orders.add(new KitchenOrder(way, List.of(first, second, third)));
                        }
                    }
                }
            }
        }
        return List.copyOf(orders);
    }

    /** The ingredients without their order, sorted: 220 different trios. */
    Set<String> trio() {
        return new TreeSet<>(ingredients);
    }
}
