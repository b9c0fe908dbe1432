package org.rlhf4j.cli.reward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.cli.CommandRun;

/** Small inputs of the reward commands, below one directory. */
record RewardFiles(Path directory) {
    static final int PAIRS = 8;

    /** A fresh language model. */
    Path languageModel() {
        Path model = directory.resolve("start");
        CommandRun run = CommandRun.of("model", "create", "--preset", "tiny", "--seed", 3, "--out", model);
        assertThat(run.code()).as(run.err()).isZero();
        return model;
    }

    /** Eight pairs in which the one word is better than the other. */
    Path pairs() {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < PAIRS; i++) {
            rows.append("{\"prompt\":\"Question ").append(i).append("?\",\"chosen\":\"good\",\"rejected\":\"bad\"}\n");
        }
        return write("pairs.jsonl", rows.toString());
    }

    /** A run directory of a short training, with its model. */
    Path trained() {
        Path run = directory.resolve("run");
        CommandRun result = train(languageModel(), pairs(), run, "--eval-data", pairs());
        assertThat(result.code()).as(result.err()).isZero();
        return run;
    }

    /** Trains for a few steps. */
    static CommandRun train(Path model, Path data, Path out, Object... more) {
        List<Object> args =
                new ArrayList<>(List.of("reward", "train", "--model", model, "--data", data, "--out", out, "--set"));
        args.add("training.maxSteps=20");
        args.addAll(List.of("--set", "training.optimizer.learningRate=0.002"));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    Path write(String name, String content) {
        try {
            return Files.writeString(directory.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
