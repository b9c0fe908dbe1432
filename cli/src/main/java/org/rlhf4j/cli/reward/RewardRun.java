package org.rlhf4j.cli.reward;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.TrainingProgress;
import org.rlhf4j.core.run.MetricsLog;
import org.rlhf4j.core.run.Provenance;
import org.rlhf4j.core.run.RunDirectory;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.data.ComparisonSet;
import org.rlhf4j.preference.RankingPairs;
import org.rlhf4j.reward.RewardEvaluation;
import org.rlhf4j.reward.RewardModel;
import org.rlhf4j.reward.RewardTrainer;

/**
 * One training run of a reward model: its run directory from the first file to the saved model.
 *
 * @param config every setting
 * @param out the run directory, absent or empty
 * @param command the command line, for the provenance
 * @param terminal shows progress
 */
record RewardRun(RewardTrainConfig config, Path out, List<String> command, Terminal terminal) {

    /** Trains and saves; what was written before a failure stays. */
    RewardTrainer.Result run() throws IOException {
        Instant started = Instant.now();
        long seed = config.training().seed();
        RunDirectory.requireFresh(out);
        try (RewardModel model = RewardModel.start(config.model(), config.encoding()::apply, seed)) {
            List<Comparison> rows = read(config.data(), model);
            List<Comparison> heldOut = config.evalData() == null ? List.of() : read(config.evalData(), model);
            if (!model.encoder().markersAreSpecial()) {
                terminal.note(
                        "the tokenizer has no special tokens for the chat markers: they are plain text, which users can"
                                + " write too");
            }
            RunDirectory directory = RunDirectory.create(Storage.disk(), out);
            directory.requireSpace(model.parameters().count() * Float.BYTES);
            directory.writeConfig(config);
            directory.writeProvenance(Provenance.of(started, command, seed, dataFiles(), List.of(config.model())));
            try (MetricsLog metrics = directory.metrics()) {
                RewardTrainer.Result result = new RewardTrainer(model, config.loss(), config.training())
                        .train(
                                rows,
                                heldOut,
                                RunHooks.NONE
                                        .progress(new TrainingProgress(terminal, "reward model"))
                                        .metrics(metrics));
                model.save(
                        directory.model(),
                        result.evaluation().flatMap(RewardEvaluation::scale).orElse(null));
                return result;
            }
        }
    }

    private List<Path> dataFiles() {
        List<Path> files = new ArrayList<>(List.of(config.data()));
        if (config.evalData() != null) {
            files.add(config.evalData());
        }
        return files;
    }

    private List<Comparison> read(Path file, RewardModel model) {
        ComparisonSet set = config.objective() == RewardTrainConfig.Objective.PLACKETT_LUCE
                ? PreferenceRows.whole(file, model.encoder(), config.joinPairs(), terminal)
                : PreferenceRows.pairs(
                        file,
                        new RankingPairs(config.pairs(), config.ties(), config.weights()),
                        model.encoder(),
                        config.joinPairs(),
                        terminal);
        return set.rows();
    }
}
