package org.rlhf4j.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.rlhf4j.core.tensor.Precision;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.lora.LoraConfig;

/**
 * One side of a race of models: {@code ModelContestant MODEL ROWS TOKENS WORK DTYPE METHOD}, with the work, the types and the
 * methods of {@code peers/models.py}.
 */
public final class ModelContestant {
    private ModelContestant() {}

    /** Runs until its input ends. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        int rows = Integer.parseInt(arguments[1]);
        int tokens = Integer.parseInt(arguments[2]);
        Precision precision = Precision.named(arguments[4]);
        switch (arguments[3]) {
            case "training" -> {
                boolean lora = arguments[5].equals("lora");
                try (LanguageModel model = open(directory, lora ? precision : precision.forTraining());
                        Race race = new TrainingRace(lora ? adapted(model) : model, rows, tokens)) {
                    Contestant.answer(race);
                }
            }
            case "generation" -> {
                try (LanguageModel model = open(directory, precision);
                        Race race = new GenerationRace(model, rows, tokens)) {
                    Contestant.answer(race);
                }
            }
            case "scoring" -> {
                try (Race race = new ScoringRace(directory, rows)) {
                    Contestant.answer(race);
                }
            }
            default -> throw new IllegalArgumentException("there is no work \"" + arguments[3] + "\"");
        }
    }

    private static LanguageModel adapted(LanguageModel model) {
        return Torch.call(() -> model.withAdapter(LoraConfig.DEFAULT, 1));
    }

    private static LanguageModel open(Path directory, Precision precision) {
        return LanguageModel.open(directory, UnaryOperator.identity(), precision);
    }
}
