package org.rlhf4j.integration.faults;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.cli.Main;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.testing.JavaProcess;

/**
 * One of the five trainers on a tiny model or environment: a run of seconds, with a checkpoint after every step.
 *
 * @param name as in {@code rlhf NAME train}
 * @param arguments of the command, without {@code --out}
 * @param result what stands in the run directory when the run has ended well
 */
record TinyTraining(String name, List<String> arguments, String result) {
    private static final String DEMONSTRATIONS = """
            {"prompt":"Question 0?","completion":" good"}
            {"prompt":"Question 1?","completion":" well, and longer"}
            {"prompt":"Question 2?","completion":" fine"}
            {"prompt":"Question 3?","completion":" so"}
            {"prompt":"Question 4?","completion":" and so on"}
            """;
    private static final String PAIRS = """
            {"prompt":"Question 0?","chosen":" good","rejected":" bad"}
            {"prompt":"Question 1?","chosen":" well","rejected":" ill, and longer"}
            {"prompt":"Question 2?","chosen":" fine","rejected":" poor"}
            {"prompt":"Question 3?","chosen":" yes","rejected":" no"}
            {"prompt":"Question 4?","chosen":" so it is","rejected":" not"}
            """;
    private static final String PROMPTS = """
            {"prompt":"Question 0?"}
            {"prompt":"Question 1?"}
            {"prompt":"Question 2?"}
            {"prompt":"Question 3?"}
            {"prompt":"Question 4?"}
            """;

    /** SFT with dropout in an adapter, the others as they are; all with evaluations, logs and accumulation. */
    static List<TinyTraining> all(Path directory) throws IOException {
        return List.of(sft(directory, 300), reward(directory), dpo(directory), ppo(directory), control());
    }

    static TinyTraining sft(Path directory, int steps) throws IOException {
        List<String> arguments = supervised(directory, "sft", DEMONSTRATIONS, steps);
        arguments.addAll(List.of("--lora", "--set", "lora.dropout=0.25"));
        return new TinyTraining("sft", arguments, "model");
    }

    private static TinyTraining reward(Path directory) throws IOException {
        return new TinyTraining("reward", supervised(directory, "reward", PAIRS, 300), "model");
    }

    private static TinyTraining dpo(Path directory) throws IOException {
        List<String> arguments = supervised(directory, "dpo", PAIRS, 300);
        arguments.addAll(List.of("--set", "referenceCache=" + directory.resolve("cache")));
        return new TinyTraining("dpo", arguments, "model");
    }

    private static List<String> supervised(Path directory, String name, String rows, int steps) throws IOException {
        String data =
                Files.writeString(directory.resolve(name + ".jsonl"), rows).toString();
        List<String> arguments = arguments(directory, name, "--data", data);
        arguments.addAll(List.of("--eval-data", data));
        set(arguments, "training.maxSteps=" + steps, "training.batchSize=2", "training.microBatchSize=1");
        set(arguments, "training.loggingSteps=2", "training.evalSteps=30", "training.keepBest=eval_loss");
        set(arguments, "training.optimizer.learningRate=0.003");
        return arguments;
    }

    private static TinyTraining ppo(Path directory) throws IOException {
        String prompts =
                Files.writeString(directory.resolve("prompts.jsonl"), PROMPTS).toString();
        List<String> arguments = arguments(directory, "ppo", "--prompts", prompts);
        arguments.addAll(List.of("--reward", NoiseReward.class.getName(), "--eval-data", prompts));
        arguments.addAll(List.of("--episodes", "240", "--max-new-tokens", "6"));
        set(arguments, "training.rolloutSize=4", "training.ppo.optimizer.learningRate=1e-3");
        return new TinyTraining("ppo", arguments, "model");
    }

    private static TinyTraining control() {
        List<String> arguments = new ArrayList<>(List.of("control", "train", "--env", "CartPole-v1", "--seed", "5"));
        arguments.addAll(List.of("--checkpoint-steps", "1"));
        set(arguments, "totalSteps=19200", "numEnvs=4", "numSteps=32", "ppo.numMinibatches=4", "ppo.updateEpochs=2");
        return new TinyTraining("control", arguments, "policy");
    }

    private static List<String> arguments(Path directory, String name, String... data) throws IOException {
        String model = directory.resolve("start").toString();
        if (!Files.exists(Path.of(model))) {
            made("model", "create", "--preset", "tiny", "--seed", "3", "--out", model);
        }
        List<String> arguments = new ArrayList<>(List.of(name, "train", "--model", model));
        arguments.addAll(List.of(data));
        arguments.addAll(List.of("--checkpoint-steps", "1"));
        return arguments;
    }

    private static void set(List<String> arguments, String... settings) {
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
    }

    private static void made(String... arguments) {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(written, true, StandardCharsets.UTF_8);
        int code = Main.run(new Terminal(InputStream.nullInputStream(), stream, stream, false), arguments);
        if (code != 0) {
            throw new IllegalStateException(written.toString(StandardCharsets.UTF_8));
        }
    }

    /**
     * Starts the command in a process of its own: with its arguments, or, where there is a run, with {@code --resume} alone.
     *
     * @param log both of its streams are added to it
     */
    Process start(Path run, Path log) {
        List<String> words = new ArrayList<>();
        if (Files.exists(run.resolve("config.yaml"))) {
            words.addAll(List.of(name, "train", "--resume", "--checkpoint-steps", "1"));
        } else {
            words.addAll(arguments);
        }
        words.addAll(List.of("--out", run.toString()));
        // Starts in half the time. One thread, for there are many processes.
        return new JavaProcess()
                .option("-XX:TieredStopAtLevel=1")
                .option("-XX:+UseSerialGC")
                .option("-Xmx512m")
                .environment("RLHF4J_THREADS", "1")
                .start(
                        ProcessBuilder.Redirect.appendTo(log.toFile()),
                        Main.class.getName(),
                        words.toArray(String[]::new));
    }
}
