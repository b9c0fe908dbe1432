package org.rlhf4j.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.cli.PluginJars;
import org.rlhf4j.cli.world.WorldData;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.generate.GenerationListener;
import org.rlhf4j.lm.generate.Sampling;
import org.rlhf4j.lm.text.EncodedExample;

class CompareCommandTest {
    /** Likes what is long; named on the command line. */
    public static final class LengthScorer implements CompletionScorer {
        @Override
        public double score(String prompt, String completion) {
            return completion.length();
        }
    }

    /** Gives a score that is no number. */
    public static final class BrokenScorer implements CompletionScorer {
        @Override
        public double score(String prompt, String completion) {
            return Double.NaN;
        }
    }

    private static final String LENGTH = LengthScorer.class.getName();

    @TempDir
    private static Path folder;

    private static Path one = Path.of("");
    private static Path other = Path.of("");
    private static Path prompts = Path.of("");

    @BeforeAll
    static void create() throws IOException {
        one = model("one", 3);
        other = model("other", 4);
        // Pairs have prompts too; the second row repeats one.
        prompts = Files.writeString(folder.resolve("prompts.jsonl"), """
                {"prompt":"A colour?","chosen":"Blue.","rejected":"Two."}
                {"prompt":"A colour?","chosen":"Red.","rejected":"Six."}
                {"prompt":"A number?","chosen":"Two.","rejected":"Blue."}
                """);
    }

    private static Path model(String name, int seed) {
        Path model = folder.resolve(name);
        CommandRun run = CommandRun.of("model", "create", "--preset", "tiny", "--seed", seed, "--out", model);
        assertThat(run.code()).as(run.err()).isZero();
        return model;
    }

    private static CommandRun compare(Path a, Path b, Object scorer, Object... more) {
        List<Object> args = new ArrayList<>(List.of(
                "compare", "--a", a, "--b", b, "--prompts", prompts, "--scorer", scorer, "--max-new-tokens", 12));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    @Test
    void aModelAgainstItselfIsEven() {
        CommandRun run = compare(one, one, LENGTH, "--samples", 3, "--json");
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode figures = run.json();
        assertThat(figures.path("prompts").intValue())
                .as("each prompt counts once")
                .isEqualTo(2);
        assertThat(figures.path("win_rate").doubleValue()).isEqualTo(0.5);
        assertThat(figures.path("gain").doubleValue()).isZero();
        assertThat(figures.path("kl").doubleValue()).isCloseTo(0, within(1e-6));
        assertThat(run.out()).contains("win rate of b", "KL(b || a)", "nats a sequence");
    }

    @Test
    void samplesAreWrittenWithTheirScoresAndMakeTheFigures() throws IOException {
        Path out = folder.resolve("samples.jsonl");
        CommandRun run = compare(one, other, LENGTH, "--samples", 3, "--best-of", 4, "--out", out, "--json");
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode figures = run.json();
        assertThat(figures.path("kl").doubleValue())
                .as("two fresh models differ")
                .isPositive();
        double sum = 0;
        List<JsonNode> rows = Files.readAllLines(out).stream().map(Json::parse).toList();
        assertThat(rows).hasSize(2 * 2 * 3);
        for (JsonNode row : rows) {
            assertThat(row.path("score").doubleValue())
                    .isEqualTo(row.path("completion").textValue().length());
            sum += row.path("policy").textValue().equals("b")
                    ? row.path("score").doubleValue()
                    : 0;
        }
        assertThat(figures.path("b").path("mean_score").doubleValue()).isCloseTo(sum / 6, within(1e-9));
        JsonNode best = figures.path("best_of");
        assertThat(best.path("n").intValue()).isEqualTo(4);
        assertThat(best.path("mean_score").doubleValue())
                .isGreaterThanOrEqualTo(figures.path("a").path("mean_score").doubleValue());
    }

    /** The mean of log b - log a over samples of b, found through the library. */
    @Test
    void theDivergenceIsThatOfTheSecondModelFromTheFirst() {
        CommandRun run = compare(one, other, LENGTH, "--samples", 3, "--temperature", 0.7, "--seed", 5, "--json");
        assertThat(run.code()).as(run.err()).isZero();
        try (LanguageModel a = LanguageModel.open(one);
                LanguageModel b = LanguageModel.open(other)) {
            List<EncodedExample> samples = b
                    .generate(
                            List.of(Content.of("A colour?"), Content.of("A number?")),
                            3,
                            b.generationDefaults()
                                    .config()
                                    .withMaxNewTokens(12)
                                    .withSampling(Sampling.atTemperature(0.7))
                                    .withSeed(5),
                            GenerationListener.NONE)
                    .stream()
                    .map(GeneratedCompletion::example)
                    .toList();
            double expected = (sum(b.logProbs(samples, 0.7)) - sum(a.logProbs(samples, 0.7))) / samples.size();
            assertThat(run.json().path("kl").doubleValue()).isCloseTo(expected, within(1e-4));
        }
        CommandRun greedy = compare(one, other, LENGTH, "--temperature", 0, "--json");
        assertThat(greedy.json().has("kl")).as("greedy text is no sample").isFalse();
    }

    private static double sum(float[][] rows) {
        double sum = 0;
        for (float[] row : rows) {
            for (float value : row) {
                sum += value;
            }
        }
        return sum;
    }

    @Test
    void modelsOfDifferentTokenizersAreRefused() throws IOException {
        WorldData.copy(Storage.disk(), WorldData.tokenizerFiles(), folder);
        Path words = folder.resolve("words");
        CommandRun made = CommandRun.of(
                "model", "create", "--preset", "tiny", "--tokenizer", folder.resolve("tokenizer.json"), "--out", words);
        assertThat(made.code()).as(made.err()).isZero();
        CommandRun run = compare(one, words, LENGTH);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("different tokenizers");
    }

    @Test
    void aRewardModelJudgesToo() throws IOException {
        Path pairs = Files.copy(prompts, folder.resolve("pairs.jsonl"));
        Path run = folder.resolve("reward");
        CommandRun trained = CommandRun.of(
                "reward", "train", "--model", one, "--data", pairs, "--out", run, "--set", "training.maxSteps=1");
        assertThat(trained.code()).as(trained.err()).isZero();
        CommandRun result = compare(one, other, run.resolve("model"), "--samples", 2, "--json");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.json().path("a").path("mean_score").isNumber()).isTrue();
    }

    @Test
    void aScorerOfTheUsersOwnJudges() throws Exception {
        Path jar = PluginJars.build(
                Files.createDirectory(folder.resolve("plugin")),
                CompletionScorer.class,
                "acme.Seven\n",
                Map.of("acme.Seven", """
                        package acme;

                        public final class Seven implements org.rlhf4j.base.CompletionScorer {
                            public double score(String prompt, String completion) {
                                return 7;
                            }
                        }
                        """));
        CommandRun run = compare(one, other, "Seven", "--plugins", jar, "--json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().path("a").path("mean_score").doubleValue()).isEqualTo(7);
        CommandRun typo = compare(one, other, "Sevn", "--plugins", jar);
        assertThat(typo.code()).isEqualTo(2);
        assertThat(typo.err()).contains("did you mean \"Seven\"?");
    }

    @Test
    void conversationsAreRefusedBeforeAnythingIsSampled() throws IOException {
        Path chats = Files.writeString(folder.resolve("chats.jsonl"), """
                {"prompt":[{"role":"user","content":"A colour?"}]}
                """);
        CommandRun run = CommandRun.of("compare", "--a", one, "--b", one, "--prompts", chats, "--scorer", LENGTH);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("LengthScorer scores plain text, but there are conversations");
    }

    @Test
    void whatCannotJudgeIsNamed() {
        CommandRun absent = compare(one, other, "com.example.Absent");
        assertThat(absent.code()).isEqualTo(2);
        assertThat(absent.err()).contains("com.example.Absent", "no such directory and no such class", "--plugins");
        CommandRun wrong = compare(one, other, "java.lang.Object");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("java.lang.Object does not implement");
        CommandRun broken = compare(one, other, BrokenScorer.class.getName());
        assertThat(broken.code()).isEqualTo(1);
        assertThat(broken.err()).contains("BrokenScorer gave the score NaN to");
        CommandRun typo = compare(one, other, LENGTH, "--best-of", 2, "--select", "com.example.Typo");
        assertThat(typo.code()).isEqualTo(2);
        assertThat(typo.err()).contains("--select com.example.Typo");
        CommandRun select = compare(one, other, LENGTH, "--select", LENGTH);
        assertThat(select.code()).isEqualTo(2);
        assertThat(select.err()).contains("add --best-of N");
    }
}
