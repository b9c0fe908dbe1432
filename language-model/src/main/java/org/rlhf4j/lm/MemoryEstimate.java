package org.rlhf4j.lm;

import java.util.Locale;
import java.util.StringJoiner;
import org.rlhf4j.core.tensor.Parameters;

/**
 * What a run will have in memory at once, in bytes: a sum of what stays, and the largest of what comes and goes.
 *
 * @param weights of all models
 * @param gradients of what is trained
 * @param optimizer two moments of what is trained
 * @param activations the largest {@linkplain Pass pass}
 * @param process the Java process with the engine, before any model
 */
public record MemoryEstimate(long weights, long gradients, long optimizer, long activations, long process) {
    /** What the launcher's Java process with the engine takes. */
    public static final long PROCESS = 280L << 20;

    /** Gradients and moments are float32, whatever the weights are. */
    private static final long TRAINED_BYTES = Float.BYTES;

    /** Bytes of one chunk of logits, of which the head has {@link #CHUNKS} at once. */
    private static final long CHUNK_BYTES = 31L << 20;

    private static final int CHUNK_ROWS = 64;
    private static final int CHUNKS = 3;

    /**
     * What the C library takes for arrays that come and go beyond their size. Larger ones it takes from the system and gives
     * back at once; smaller ones leave holes that the next one does not fit. The limit is that of the launcher.
     */
    private static final long LARGE_ARRAY = 4L << 20;

    private static final double HOLES = 1.3;
    private static final double FEW_HOLES = 1.1;

    /** Nothing but the process. */
    public static final MemoryEstimate NOTHING = new MemoryEstimate(0, 0, 0, 0, PROCESS);

    /** All together. */
    public long total() {
        return weights + gradients + optimizer + activations + process;
    }

    /** With weights of so many bytes that stay as they are: a reference, a reward model, or a copy of the best ones. */
    public MemoryEstimate plusWeights(long bytes) {
        return new MemoryEstimate(weights + bytes, gradients, optimizer, activations, process);
    }

    /** With gradients and moments of so many weights. */
    public MemoryEstimate plusTraining(long count) {
        long bytes = count * TRAINED_BYTES;
        return new MemoryEstimate(weights, gradients + bytes, optimizer + 2 * bytes, activations, process);
    }

    /** With something that needs so many bytes for a while; only the largest counts. */
    public MemoryEstimate passing(long bytes) {
        return new MemoryEstimate(weights, gradients, optimizer, Math.max(activations, bytes), process);
    }

    /** Such as {@code about 2.47 GiB (weights 0.50, gradients 0.50, optimizer 1.00, activations 0.20, process 0.27)}. */
    @Override
    public String toString() {
        StringJoiner parts = new StringJoiner(", ", " (", ")");
        part(parts, "weights", weights);
        part(parts, "gradients", gradients);
        part(parts, "optimizer", optimizer);
        part(parts, "activations", activations);
        part(parts, "process", process);
        return "about " + gibibytes(total()) + " GiB" + parts;
    }

    private static void part(StringJoiner parts, String name, long bytes) {
        if (bytes > 0) {
            parts.add(name + " " + gibibytes(bytes));
        }
    }

    /** Bytes of a model's weights that training does not change: those under an adapter. */
    public static long frozenBytes(Backbone model, Parameters trained) {
        return model.weights() == trained ? 0 : model.weights().bytes();
    }

    /** With two digits after the point. */
    public static String gibibytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f", bytes / (double) (1L << 30));
    }

    /**
     * A batch on its way through a model.
     *
     * @param sizes of the model
     * @param tokens all columns of the batch, padding included
     * @param width columns of a row
     * @param predicted tokens whose logits are looked at; 0 where the head gives a number
     * @param bytes of an activation
     */
    public record Pass(ModelConfig.Sizes sizes, long tokens, long width, long predicted, int bytes) {
        /** Of rows with so many columns, every one of which predicts a token. */
        public static Pass ofTokens(ModelConfig.Sizes sizes, long rows, long width) {
            return new Pass(sizes, rows * width, width, rows * width, Float.BYTES);
        }

        /** Of rows with so many columns, whose head gives a number. */
        public static Pass ofScores(ModelConfig.Sizes sizes, long rows, long width) {
            return new Pass(sizes, rows * width, width, 0, Float.BYTES);
        }

        /**
         * Forward and backward. A layer keeps, for each token, its input and the norm of it before and after the weight, and
         * these three again before the MLP (6 H); queries, keys and values, the latter two once a query head, and the mixed
         * values (4 n D); and gate, its activation, up and their product (4 F). Without checkpointing all layers are kept,
         * with it their inputs and one layer.
         *
         * @param checkpointing whether layers are computed again
         */
        public long training(boolean checkpointing) {
            long layer = layer();
            long inputs = (sizes.layers() + 1L) * tokens * sizes.hidden() * bytes;
            long kept = checkpointing ? inputs + layer : sizes.layers() * layer;
            long moving = tokens * (2L * sizes.hidden() + 3L * sizes.intermediate()) * bytes;
            // The gradient of the embedding has its shape before it is added to what is there.
            long embedding = (long) sizes.vocabulary() * sizes.hidden() * bytes;
            return withHoles(kept + moving + head()) + embedding;
        }

        /** Forward alone: one layer at a time. */
        public long reading() {
            return withHoles(layer() + 2L * tokens * sizes.hidden() * bytes + head());
        }

        /** One layer's results. */
        private long layer() {
            long queries = (long) sizes.heads() * sizes.headDim();
            long numbers = 6L * sizes.hidden() + 4 * queries + sizes.heads() + 4L * sizes.intermediate();
            if (width <= 64) {
                // Short rows are attended to without the fused operation: scores and their softmax.
                numbers += 2 * width * sizes.heads();
            }
            return tokens * numbers * bytes;
        }

        private long head() {
            if (predicted == 0) {
                return 0;
            }
            long row = (long) sizes.vocabulary() * bytes;
            long chunk = Math.min(predicted, Math.max(CHUNK_ROWS, CHUNK_BYTES / row)) * row;
            return CHUNKS * chunk + 2 * predicted * sizes.hidden() * bytes;
        }

        private long withHoles(long size) {
            boolean large = tokens * sizes.hidden() * bytes >= LARGE_ARRAY;
            return (long) ((large ? FEW_HOLES : HOLES) * size);
        }
    }

    /**
     * What generation holds: keys and values of all rows, all matrices once more in the form that few tokens pass through
     * faster, and a pass over the prompts.
     *
     * @param sizes of the model
     * @param weightBytes of the model
     * @param rows completions at once
     * @param prompt tokens of the longest prompt
     * @param completion tokens of the longest completion
     */
    public static long generating(ModelConfig.Sizes sizes, long weightBytes, long rows, long prompt, long completion) {
        long keys = (long) sizes.keyValueHeads() * sizes.headDim();
        long cache = 2L * sizes.layers() * rows * (prompt + completion) * keys * Float.BYTES;
        long prefill = new Pass(sizes, rows * prompt, prompt, rows, Float.BYTES).reading();
        return cache + weightBytes + prefill;
    }
}
