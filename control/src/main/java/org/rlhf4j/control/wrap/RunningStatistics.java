package org.rlhf4j.control.wrap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;

/**
 * Mean and variance of a stream of vectors, element by element, and what is normalised with them.
 *
 * <p>A batch is merged by Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances",
 * 1979. As in Gymnasium and Stable-Baselines3 the start is mean 0, variance 1, count 1e-4, and the variance is that of the
 * population. All of it is float64, where they compute the moments of a batch of float32 in float32.
 *
 * <p>Several wrappers may share one object, training and evaluation for instance; by one thread at a time.
 */
public final class RunningStatistics {
    private static final double FIRST_COUNT = 1e-4;

    private final double[] mean;
    private final double[] variance;
    private double count;

    /**
     * All there is to save.
     *
     * @param mean of each element
     * @param variance of each element, not negative
     * @param count how many vectors, and the 1e-4 of the start
     */
    public record State(List<Double> mean, List<Double> variance, double count) {
        /**
         * A checked copy.
         *
         * @throws IllegalArgumentException if the sizes differ, a number is not finite, or a variance or the count is negative
         */
        public State {
            mean = List.copyOf(mean);
            variance = List.copyOf(variance);
            boolean sound = !mean.isEmpty()
                    && mean.size() == variance.size()
                    && mean.stream().allMatch(Double::isFinite)
                    && variance.stream().allMatch(value -> Double.isFinite(value) && value >= 0)
                    && Double.isFinite(count)
                    && count > 0;
            if (!sound) {
                throw new IllegalArgumentException(
                        "not the statistics of vectors: mean " + mean + ", variance " + variance + ", count " + count);
            }
        }

        /** As JSON: {@code mean}, {@code variance} and {@code count}. */
        public ObjectNode toJson() {
            ObjectNode json = Json.object();
            mean.forEach(json.putArray("mean")::add);
            variance.forEach(json.putArray("variance")::add);
            return json.put("count", count);
        }

        /**
         * The statistics that {@link #toJson} wrote.
         *
         * @param size of a vector
         * @throws org.rlhf4j.base.DataFormatException if it is anything else, or of vectors of another size
         */
        public static State fromJson(JsonFields json, int size) {
            try {
                return new State(numbers(json, "mean", size), numbers(json, "variance", size), json.number("count"));
            } catch (IllegalArgumentException e) {
                throw json.fail(String.valueOf(e.getMessage()));
            }
        }

        private static List<Double> numbers(JsonFields json, String name, int size) {
            List<JsonNode> numbers = json.array(name);
            if (numbers.size() != size || !numbers.stream().allMatch(JsonNode::isNumber)) {
                throw json.problem(name, "is not " + size + " numbers, one for each of an observation");
            }
            return numbers.stream().map(JsonNode::doubleValue).toList();
        }
    }

    /**
     * Statistics of vectors that are still to come.
     *
     * @param size of a vector, at least 1
     */
    public RunningStatistics(int size) {
        if (size <= 0) {
            throw new IllegalArgumentException("a vector has at least one element, not " + size);
        }
        mean = new double[size];
        variance = new double[size];
        Arrays.fill(variance, 1);
        count = FIRST_COUNT;
    }

    /** Statistics that go on where the saved ones were. */
    public RunningStatistics(State state) {
        this(state.mean().size());
        restore(state);
    }

    /**
     * Goes on where saved ones were; so does every wrapper that shares this object.
     *
     * @throws IllegalArgumentException if they are of vectors of another size
     */
    public void restore(State state) {
        if (state.mean().size() != mean.length) {
            throw new IllegalArgumentException("saved statistics of vectors of "
                    + state.mean().size() + " elements where there are statistics of " + mean.length);
        }
        for (int i = 0; i < mean.length; i++) {
            mean[i] = state.mean().get(i);
            variance[i] = state.variance().get(i);
        }
        count = state.count();
    }

    /** How many elements a vector has. */
    public int size() {
        return mean.length;
    }

    /** A copy of all there is to save. */
    public State state() {
        return new State(boxed(mean), boxed(variance), count);
    }

    /**
     * Merges a batch of vectors.
     *
     * @param batch {@code [n][size]}; none changes nothing
     * @throws IllegalArgumentException if a vector has another size
     */
    public void update(float[]... batch) {
        for (float[] vector : batch) {
            checkSize(vector);
        }
        for (int i = 0; i < mean.length; i++) {
            int element = i;
            merge(element, batch.length, row -> batch[row][element]);
        }
        count += batch.length;
    }

    /**
     * Merges a batch of numbers into statistics of one element.
     *
     * @param batch {@code [n]}; none changes nothing
     * @throws IllegalArgumentException if these are statistics of longer vectors
     */
    public void update(double[] batch) {
        if (mean.length != 1) {
            throw new IllegalArgumentException(
                    "these are statistics of vectors of " + mean.length + " elements, not of numbers");
        }
        merge(0, batch.length, row -> batch[row]);
        count += batch.length;
    }

    /**
     * {@code clip((x - mean) / sqrt(variance + epsilon), -clip, clip)}, a new vector.
     *
     * @throws IllegalArgumentException if the vector has another size
     */
    public float[] normalized(float[] vector, double epsilon, double clip) {
        checkSize(vector);
        float[] normalized = new float[vector.length];
        for (int i = 0; i < vector.length; i++) {
            normalized[i] = (float) clipped((vector[i] - mean[i]) / Math.sqrt(variance[i] + epsilon), clip);
        }
        return normalized;
    }

    /** {@code clip(x / sqrt(variance + epsilon), -clip, clip)} with the variance of the first element: no mean is taken off. */
    public double scaled(double value, double epsilon, double clip) {
        return clipped(value / Math.sqrt(variance[0] + epsilon), clip);
    }

    private void merge(int i, int batchCount, IntToDoubleFunction value) {
        if (batchCount == 0) {
            return;
        }
        double sum = 0;
        for (int row = 0; row < batchCount; row++) {
            sum += value.applyAsDouble(row);
        }
        double batchMean = sum / batchCount;
        double squares = 0;
        for (int row = 0; row < batchCount; row++) {
            double difference = value.applyAsDouble(row) - batchMean;
            squares += difference * difference;
        }
        double total = count + batchCount;
        double delta = batchMean - mean[i];
        mean[i] += delta * batchCount / total;
        variance[i] = (variance[i] * count + squares + delta * delta * count * batchCount / total) / total;
    }

    private void checkSize(float[] vector) {
        if (vector.length != mean.length) {
            throw new IllegalArgumentException(
                    "a vector of " + vector.length + " elements where there are statistics of " + mean.length);
        }
    }

    private static double clipped(double value, double clip) {
        return Math.min(Math.max(value, -clip), clip);
    }

    private static List<Double> boxed(double[] values) {
        List<Double> boxed = new ArrayList<>();
        for (double value : values) {
            boxed.add(value);
        }
        return boxed;
    }
}
