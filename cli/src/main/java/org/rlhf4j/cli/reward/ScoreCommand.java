package org.rlhf4j.cli.reward;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.JsonLine;
import org.rlhf4j.base.JsonLines;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.RowOutput;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.cli.train.ComputeOptions;
import org.rlhf4j.cli.train.EncodingOptions;
import org.rlhf4j.lm.ModelSidecar;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.TextRow;
import org.rlhf4j.reward.RewardModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rlhf score}: rows in, the same rows with a score out, in their order. */
@Command(
        name = "score",
        description = {
            "Score prompt-completion pairs with a reward model.",
            "Reads rows {\"prompt\",\"completion\",...} and writes the same rows with \"score\", in the same order;"
                    + " higher is better."
        })
public final class ScoreCommand implements Callable<Integer> {
    /** Rows in memory at a time; within such a window rows of similar length share a forward pass. */
    private static final int WINDOW = 1024;

    private static final int PROBLEMS_SHOWN = 5;

    private enum OnError {
        FAIL,
        SKIP
    }

    private final Terminal terminal;

    @Option(
            names = "--model",
            required = true,
            paramLabel = Models.LABEL,
            description = "Reward model: a directory, or org/name on the Hugging Face Hub.")
    private Path model = Path.of("");

    @Option(
            names = "--in",
            paramLabel = "FILE",
            defaultValue = "-",
            description = "Rows to score: JSON Lines or a JSON array, plain or gzip; - is standard input.")
    private String in = "-";

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "-",
            description = "Where the rows go; - is standard output.")
    private String out = "-";

    @Option(
            names = "--normalize",
            description = "Subtract the mean and divide by the deviation that training stored with the model.")
    private boolean normalize;

    @Option(
            names = "--on-error",
            paramLabel = "fail|skip",
            defaultValue = "fail",
            description = "What a row that cannot be scored does: end the command, or be left out and counted.")
    private OnError onError = OnError.FAIL;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private EncodingOptions encoding = new EncodingOptions();

    @Option(names = "--json", description = "Print the counts as one JSON object; needs --out FILE.")
    private boolean json;

    private long scored;
    private long skipped;
    private double sum;

    ScoreCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** A row that waits for its score. */
    private record Row(ObjectNode node, EncodedExample example) {}

    @Override
    public Integer call() throws IOException {
        if (json && RowOutput.isStandard(out)) {
            throw new UsageException("--json writes to standard output, where the rows go too: add --out FILE");
        }
        try (RewardModel rewardModel = RewardModel.open(
                        new Models(terminal).directory(model), encoding.chosen()::apply, compute.precision(terminal));
                JsonLines rows = in.equals("-")
                        ? JsonLines.read(terminal.in(), "standard input")
                        : JsonLines.open(Path.of(in))) {
            ModelSidecar.@Nullable Scores scale = normalize ? scaleOf(rewardModel) : null;
            RowOutput.to(out, terminal, output -> score(rewardModel, scale, rows, output));
        }
        summary();
        return ExitCode.DONE;
    }

    private ModelSidecar.Scores scaleOf(RewardModel rewardModel) {
        return rewardModel
                .scale()
                .orElseThrow(() -> new UsageException("--normalize needs the mean and deviation that rlhf reward train"
                        + " stores with a model, and " + model + " has none"));
    }

    private void score(RewardModel rewardModel, ModelSidecar.@Nullable Scores scale, JsonLines rows, RowOutput output)
            throws IOException {
        List<Row> window = new ArrayList<>(WINDOW);
        while (rows.hasNext()) {
            read(rewardModel, rows.next(), window);
            if (window.size() == WINDOW || !rows.hasNext()) {
                write(rewardModel, scale, window, output);
                window.clear();
            }
        }
    }

    private void read(RewardModel rewardModel, JsonLine line, List<Row> window) {
        try {
            JsonFields fields = line.fields();
            if (fields.has("score")) {
                throw fields.problem("score", "is there already; rename it, for the score of this model goes there");
            }
            TextRow row = new TextRow(
                    line.file() + ":" + line.line(), fields.content("prompt"), List.of(fields.content("completion")));
            Optional<List<EncodedExample>> encoded = rewardModel.encoder().encode(row);
            if (encoded.isPresent()) {
                window.add(new Row(fields.node(), encoded.get().get(0)));
            } else {
                skip(row.place() + ": more tokens than the limit");
            }
        } catch (DataFormatException e) {
            if (onError == OnError.FAIL) {
                throw e;
            }
            skip(String.valueOf(e.getMessage()));
        }
    }

    private void skip(String reason) {
        if (skipped++ < PROBLEMS_SHOWN) {
            terminal.note("skipped %s", reason);
        }
    }

    private void write(RewardModel rewardModel, ModelSidecar.@Nullable Scores scale, List<Row> window, RowOutput output)
            throws IOException {
        double[] scores = rewardModel.scores(window.stream().map(Row::example).toList());
        for (int i = 0; i < scores.length; i++) {
            double score = scale == null ? scores[i] : (scores[i] - scale.mean()) / scale.deviation();
            output.row(window.get(i).node().put("score", score));
            sum += score;
        }
        output.flush();
        scored += scores.length;
    }

    private void summary() {
        String skips = skipped == 0 ? "" : ", " + skipped + " skipped";
        terminal.note(
                "%d %s scored%s, mean score %.4f",
                scored, scored == 1 ? "row" : "rows", skips, scored == 0 ? Double.NaN : sum / scored);
        if (json) {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("rows_scored", scored);
            figures.put("rows_skipped", skipped);
            if (scored > 0) {
                figures.put("mean_score", sum / scored);
            }
            terminal.json(figures);
        }
    }
}
