package org.rlhf4j.ppo;

/** Checks of arrays {@code [rows][steps]} that belong to a mask. */
final class StepArrays {
    private StepArrays() {}

    /** Refuses another number of rows than the mask's, and rows of other lengths than the mask's first. */
    static void requireShape(String name, float[][] array, boolean[][] mask) {
        if (array.length != mask.length) {
            throw new IllegalArgumentException(name + " has " + array.length + " rows, the mask " + mask.length);
        }
        for (int row = 0; row < mask.length; row++) {
            requireWidth("mask", mask[row].length, mask[0].length, row);
            requireWidth(name, array[row].length, mask[0].length, row);
        }
    }

    private static void requireWidth(String name, int length, int width, int row) {
        if (length != width) {
            throw new IllegalArgumentException(
                    name + " has " + length + " steps in row " + row + ", the mask " + width + " in row 0");
        }
    }

    /** Refuses NaN and infinities where the mask is true. */
    static void requireFinite(String name, float[][] array, boolean[][] mask) {
        for (int row = 0; row < mask.length; row++) {
            for (int step = 0; step < mask[row].length; step++) {
                if (mask[row][step] && !Float.isFinite(array[row][step])) {
                    throw new IllegalArgumentException(
                            name + " is " + array[row][step] + " at row " + row + ", step " + step);
                }
            }
        }
    }
}
