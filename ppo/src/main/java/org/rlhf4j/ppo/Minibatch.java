package org.rlhf4j.ppo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Some rows of an {@link Experience}, their advantages normalised over them where the settings say so. */
final class Minibatch {
    private final Experience experience;
    private final int[] rows;
    private final float[] wanted;
    private final boolean[] mask;
    private final List<Part> parts = new ArrayList<>();
    private final int steps;

    /**
     * What is in memory at once.
     *
     * @param rows numbers of the experience's rows, {@code [b]}
     * @param old their steps one after the other, {@code [b T]}
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, compared by nobody
    record Part(int[] rows, PpoLoss.Steps old) {}

    /** @param advantages those to learn from, {@code [N][T]} */
    Minibatch(Experience experience, float[][] advantages, int[] rows, PpoConfig config) {
        this.experience = experience;
        this.rows = rows;
        mask = gather(experience.mask(), rows);
        steps = count(mask);
        float[] gathered = gather(advantages, rows);
        wanted = config.advantageNormalization() == PpoConfig.AdvantageNormalization.MINIBATCH
                ? PpoLoss.normalized(gathered, mask)
                : gathered;
        int size = config.microBatchSize() == 0 ? rows.length : config.microBatchSize();
        for (int from = 0; from < rows.length; from += size) {
            parts.add(part(from, Math.min(rows.length, from + size)));
        }
    }

    private Part part(int from, int to) {
        int width = experience.width();
        int[] partRows = Arrays.copyOfRange(rows, from, to);
        return new Part(
                partRows,
                new PpoLoss.Steps(
                        gather(experience.logProbs(), partRows),
                        gather(experience.values(), partRows),
                        Arrays.copyOfRange(wanted, from * width, to * width),
                        gather(experience.returns(), partRows),
                        Arrays.copyOfRange(mask, from * width, to * width),
                        gather(experience.referenceLogProbs(), partRows)));
    }

    /** One of the rows alone, with the advantages that it has among the others. */
    Part only(int row) {
        int at = IntStream.range(0, rows.length)
                .filter(i -> rows[i] == row)
                .findFirst()
                .orElseThrow();
        return part(at, at + 1);
    }

    /** How many steps count. */
    int steps() {
        return steps;
    }

    List<Part> parts() {
        return parts;
    }

    /** Advantages normalised over the whole experience, {@code [N][T]}. */
    static float[][] normalizedOverAll(Experience experience) {
        int[] all = new int[experience.rows()];
        Arrays.setAll(all, row -> row);
        float[] flat = PpoLoss.normalized(gather(experience.advantages(), all), gather(experience.mask(), all));
        float[][] rows = new float[all.length][];
        Arrays.setAll(rows, row -> Arrays.copyOfRange(flat, row * experience.width(), (row + 1) * experience.width()));
        return rows;
    }

    private static int count(boolean[] mask) {
        int count = 0;
        for (boolean counts : mask) {
            count += counts ? 1 : 0;
        }
        return count;
    }

    /** The steps of some rows; none where there is no array. */
    private static float[] gather(float[][] array, int[] rows) {
        int width = array.length == 0 ? 0 : array[0].length;
        float[] gathered = new float[rows.length * width];
        for (int i = 0; width > 0 && i < rows.length; i++) {
            System.arraycopy(array[rows[i]], 0, gathered, i * width, width);
        }
        return gathered;
    }

    private static boolean[] gather(boolean[][] array, int[] rows) {
        int width = array.length == 0 ? 0 : array[0].length;
        boolean[] gathered = new boolean[rows.length * width];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(array[rows[i]], 0, gathered, i * width, width);
        }
        return gathered;
    }
}
