package org.rlhf4j.benchmarks.experiments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.world.WorldData;

/**
 * The quickstart's data and models of one seed, each made when it is first asked for and kept.
 *
 * @param rlhf runs the commands
 * @param directory where everything is, existing
 * @param seed of everything random
 */
record Kitchen(Rlhf rlhf, Path directory, long seed) {
    private static final List<String> SETTINGS =
            List.of("sft-train.yaml", "reward-train.yaml", "dpo-train.yaml", "ppo-train.yaml");

    /**
     * The kitchen of a seed, with the bundled data.
     *
     * @param work directory of the experiment; the kitchen is {@code seed-N} in it
     */
    static Kitchen of(Rlhf rlhf, Path work, long seed) throws IOException {
        Path directory = work.resolve("seed-" + seed);
        Files.createDirectories(directory);
        List<String> names = new ArrayList<>(WorldData.tokenizerFiles());
        names.addAll(List.of(WorldData.TRAIN, WorldData.VALIDATION, WorldData.TEST));
        names.addAll(SETTINGS);
        WorldData.copy(Storage.disk(), names, directory);
        return new Kitchen(rlhf, directory, seed);
    }

    /** A file or directory in the kitchen. */
    Path file(String name) {
        return directory.resolve(name);
    }

    /** All pairs of the training rankings, 18,000. */
    Path pairs() {
        Path pairs = file("train-pairs.jsonl");
        if (!Files.exists(pairs)) {
            rlhf.run("data", "convert", "--pairs", "all", "--in", file(WorldData.TRAIN), "--out", pairs);
        }
        return pairs;
    }

    /** The fresh tiny model. */
    Path start() {
        Path start = file("start");
        if (!Files.exists(start)) {
            Path tokenizer = file("tokenizer.json");
            rlhf.run("model", "create", "--preset", "tiny", "--seed", seed, "--tokenizer", tokenizer, "--out", start);
        }
        return start;
    }

    /** The fine-tuned model that policies start from. */
    Path sft() throws IOException {
        return train("sft", "sft", start(), file(WorldData.TRAIN), file(WorldData.VALIDATION));
    }

    /** The reward model. */
    Path reward() throws IOException {
        return reward("reward", pairs());
    }

    /**
     * A reward model from other pairs with the same settings.
     *
     * @param name of its run
     * @param data to learn from
     */
    Path reward(String name, Path data) throws IOException {
        return train("reward", name, start(), data, file(WorldData.TEST));
    }

    private Path train(String command, String name, Path model, Path data, Path heldOut) throws IOException {
        return rlhf.train(
                file(name),
                command,
                "train",
                "--seed",
                seed,
                "--model",
                model,
                "--data",
                data,
                "--eval-data",
                heldOut,
                "--config",
                file(command + "-train.yaml"));
    }
}
