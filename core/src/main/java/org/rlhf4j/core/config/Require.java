package org.rlhf4j.core.config;

/** Range checks of settings, for the constructors of records; every message names the setting, its value and the rule. */
public final class Require {
    private Require() {}

    /** Refuses a number below {@code least}. */
    public static void atLeast(String name, long value, long least) {
        that(value >= least, name, value, "must be at least " + least);
    }

    /** Refuses zero, negative numbers, NaN and infinities. */
    public static void positive(String name, double value) {
        that(value > 0 && Double.isFinite(value), name, value, "must be positive");
    }

    /** Refuses negative numbers, NaN and infinities. */
    public static void notNegative(String name, double value) {
        that(value >= 0 && Double.isFinite(value), name, value, "must be 0 or more");
    }

    /** Refuses what lies outside {@code [least, most]}, and NaN. */
    public static void inRange(String name, double value, double least, double most) {
        that(value >= least && value <= most, name, value, "must be between " + least + " and " + most);
    }

    /** Refuses what lies outside {@code [least, below)}, and NaN. */
    public static void inHalfOpenRange(String name, double value, double least, double below) {
        that(value >= least && value < below, name, value, "must be at least " + least + " and below " + below);
    }

    /**
     * Refuses a value when a rule does not hold.
     *
     * @throws IllegalArgumentException with "{@code name is value, rule}"
     */
    public static void that(boolean holds, String name, Object value, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + value + ", " + rule);
        }
    }
}
