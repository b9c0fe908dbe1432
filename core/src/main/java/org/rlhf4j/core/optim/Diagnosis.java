package org.rlhf4j.core.optim;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the numbers of a step look like that was not made.
 *
 * @param rows those of the batch, each computed alone; at most {@link #MOST_ROWS}, none where the problem came before any loss
 * @param gradients Euclidean norm of the whole batch's gradient of each weight
 * @param weights Euclidean norm of each weight that is learned
 */
public record Diagnosis(List<Row> rows, Map<String, Double> gradients, Map<String, Double> weights) {
    /** More rows are not computed one by one. */
    public static final int MOST_ROWS = 256;

    private static final int LARGEST = 5;

    /**
     * A row alone.
     *
     * @param place what the data calls it
     * @param loss its loss
     * @param gradNorm norm of its gradient; NaN or infinite where an element is
     */
    public record Row(String place, double loss, double gradNorm) {
        /** Whether loss and gradient are finite. */
        public boolean finite() {
            return Double.isFinite(loss) && Double.isFinite(gradNorm);
        }
    }

    /** Copies the collections, which keep their order. */
    public Diagnosis {
        rows = List.copyOf(rows);
        gradients = new LinkedHashMap<>(gradients);
        weights = new LinkedHashMap<>(weights);
    }

    /** The names whose norm is not finite, in their order. */
    public static List<String> notFinite(Map<String, Double> norms) {
        return norms.entrySet().stream()
                .filter(norm -> !Double.isFinite(norm.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The five largest finite norms, the largest first. */
    public static Map<String, Double> largest(Map<String, Double> norms) {
        return norms.entrySet().stream()
                .filter(norm -> Double.isFinite(norm.getValue()))
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(LARGEST)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
    }
}
