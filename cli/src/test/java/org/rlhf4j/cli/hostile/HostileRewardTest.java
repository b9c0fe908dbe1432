package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.PluginJars;

/** Rewards that fail and policies that go astray, cases 9, 30, 31 and 33. */
class HostileRewardTest {
    private static final Map<String, String> BODIES = Map.of(
            "Even", "return 1;",
            "NotANumber", "return completion.isEmpty() ? 1 : Double.NaN;",
            "Throwing", "throw new IllegalStateException(\"the judge is down\");",
            "Fickle", "return java.util.concurrent.ThreadLocalRandom.current().nextDouble();",
            "Slow", "try { Thread.sleep(60_000); } catch (InterruptedException e) { } return 1;");

    @TempDir
    private static Path directory;

    @BeforeAll
    static void prepare() throws Exception {
        Map<String, String> sources = BODIES.entrySet().stream()
                .collect(Collectors.toMap(
                        each -> "acme." + each.getKey(), each -> source(each.getKey(), each.getValue())));
        sources.put("acme.TooFew", source("TooFew", """
                return 1; }
                public double[] scoreAll(java.util.List<org.rlhf4j.base.PromptCompletion> rows) {
                    return new double[rows.size() - 1];"""));
        // Once the second checkpoint stands, something that is no directory takes the place of all of them.
        sources.put("acme.Saboteur", source("Saboteur", """
                java.io.File all = new java.io.File(System.getProperty("hostile.checkpoints"));
                java.io.File second = new java.io.File(all, "step-000002");
                if (second.exists() && all.renameTo(new java.io.File(all.getPath() + "-away"))) {
                    try { all.createNewFile(); } catch (java.io.IOException e) { return 0; }
                }
                return 1;"""));
        PluginJars.build(
                Files.createDirectory(directory.resolve("jar")),
                CompletionScorer.class,
                String.join("\n", sources.keySet()),
                sources);
        files().model("model");
        files().write("prompts.jsonl", "{\"prompt\":\"A colour?\"}\n".repeat(4));
    }

    private static String source(String name, String body) {
        return "package acme; public final class " + name + " implements org.rlhf4j.base.CompletionScorer {"
                + " public double score(String prompt, String completion) { " + body + " } }";
    }

    private static HostileFiles files() {
        return new HostileFiles(directory);
    }

    private static String train(String run, String reward, int episodes) {
        return "ppo train --model @model --prompts @prompts.jsonl --plugins @jar/plugin.jar --max-new-tokens 4"
                + " --set training.rolloutSize=4 --out @" + run + " --reward " + reward + " --episodes " + episodes;
    }

    private static void shows(String key, String reward, String... more) {
        files().shows(
                        key,
                        train(key, reward, 4) + String.join("", List.of(more)),
                        text -> text.replaceAll("the completion being \".*?\"", "the completion being \"...\""));
    }

    @Test
    void equalRewardsTeachNothingAndDivideByNothing() throws IOException {
        shows("9d", "Even");
        JsonNode metrics = Json.parse(
                Files.readString(directory.resolve("9d/metrics.jsonl")).strip());
        assertThat(metrics.path("objective/scores").asDouble()).isEqualTo(1);
        assertThat(metrics.path("loss/policy_avg").isNumber()).isTrue();
    }

    @Test
    void aRewardThatIsNoNumberStopsTheRun() {
        shows("30a", "NotANumber");
    }

    @Test
    void aRewardThatThrowsOrHangsStopsTheRun() {
        shows("30b", "Throwing");
        shows("30c", "Slow", " --set training.score.timeoutSeconds=1");
    }

    @Test
    void rowsWithoutARewardAreLeftOutByChoiceButNotAllOfThem() {
        shows("30d", "Throwing", " --set training.score.onFailure=drop");
    }

    @Test
    void aRewardGivesAsManyScoresAsItIsAsked() {
        shows("31a", "TooFew");
    }

    @Test
    void aRewardThatChangesItsMindIsFoundByRepeatingTheRun() {
        assertThat(files().run(train("31b", "Fickle", 8)).code()).isZero();
        files().shows("31b", "verify @31b", text -> text.replaceAll("-?[0-9]+\\.[0-9]+([eE][-+]?[0-9]+)?", "N"));
    }

    @Test
    void checkpointsThatAreTakenAwayCostThemselvesAndNotTheRun() {
        System.setProperty(
                "hostile.checkpoints", directory.resolve("40c/checkpoints").toString());
        try {
            files().shows("40c", train("40c", "Saboteur", 16) + " --checkpoint-steps 1");
        } finally {
            System.clearProperty("hostile.checkpoints");
        }
        assertThat(directory.resolve("40c/model/model.safetensors")).exists();
    }

    @Test
    void aPolicyThatGoesAstrayIsStopped() {
        shows(
                "33a",
                "Even",
                " --set training.guard.maxKl=null --set training.guard.minEntropy=20 --set training.guard.patience=1");
        assertThat(directory.resolve("33a/model/model.safetensors"))
                .hasSameBinaryContentAs(directory.resolve("model/model.safetensors"));
    }
}
