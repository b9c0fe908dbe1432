package org.rlhf4j.cli.train;

import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.cli.console.RefusedException;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.core.run.MemoryLimit;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.MemoryEstimate;

/**
 * Says before a run how much memory it will take, and refuses one that does not fit.
 *
 * @param rows of one forward and backward pass
 * @param longest sequence in tokens
 * @param checkpointing whether layers are computed again
 * @param need what the run takes with other numbers
 */
public record MemoryCheck(int rows, int longest, boolean checkpointing, Need need) {
    /** What a run takes. */
    @FunctionalInterface
    public interface Need {
        /**
         * Estimates it.
         *
         * @param rows of one forward and backward pass
         * @param longest sequence in tokens
         * @param checkpointing whether layers are computed again
         */
        MemoryEstimate with(int rows, int longest, boolean checkpointing);
    }

    /**
     * Says it.
     *
     * @param terminal where it shows
     * @throws RefusedException if it is more than {@link MemoryLimit} lets the process have; the message says what to lower
     */
    public void say(Terminal terminal) {
        MemoryEstimate estimate = need.with(rows, longest, checkpointing);
        if (Torch.call(() -> Torch.manager().getDevice().isGpu())) {
            terminal.note("memory: %s, nearly all of it on the GPU, whose size is not known", estimate);
            return;
        }
        long limit = MemoryLimit.bytes();
        String line = estimate + " of " + MemoryEstimate.gibibytes(limit) + " GiB";
        if (estimate.total() > limit) {
            throw new RefusedException("the run needs " + line + ": "
                    + String.join(", ", advice(estimate.total(), limit)) + "; RLHF4J_MEMORY=SIZE sets another limit");
        }
        terminal.note("memory: %s", line);
    }

    /** What would help, with what it would come to. */
    private List<String> advice(long needed, long limit) {
        List<String> ways = new ArrayList<>();
        int half = (longest + 1) / 2;
        if (!checkpointing) {
            add(ways, "give --gradient-checkpointing", need.with(rows, longest, true), needed, limit);
        }
        if (rows > 1) {
            MemoryEstimate single = need.with(1, longest, checkpointing);
            add(ways, "lower --micro-batch-size, at best to 1", single, needed, limit);
        }
        String shorter = "lower --max-length, say to " + half + " with --on-overlong truncate";
        add(ways, shorter, need.with(rows, half, checkpointing), needed, limit);
        ways.add("where they are not used yet, give --lora or --dtype bfloat16");
        ways.add("or take a smaller model");
        return ways;
    }

    /** Adds a way that saves what can be seen in the figure. */
    private static void add(List<String> ways, String way, MemoryEstimate estimate, long needed, long limit) {
        String total = MemoryEstimate.gibibytes(estimate.total());
        if (estimate.total() < needed && !total.equals(MemoryEstimate.gibibytes(needed))) {
            ways.add(way + " (about " + total + " GiB" + (estimate.total() <= limit ? ", which fits)" : ")"));
        }
    }
}
