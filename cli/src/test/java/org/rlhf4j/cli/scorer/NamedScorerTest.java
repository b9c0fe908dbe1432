package org.rlhf4j.cli.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.cli.PluginJars;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.Plugins;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.ppo.text.RawScores;
import org.rlhf4j.ppo.text.RewardSource;
import org.rlhf4j.ppo.text.Rewards;
import org.rlhf4j.ppo.text.ScoreConfig;
import org.rlhf4j.ppo.text.ScoreConfig.FailurePolicy;
import org.rlhf4j.ppo.text.ScoreConfig.Normalization;
import picocli.CommandLine;

class NamedScorerTest {
    private static final Models MODELS = new Models(Terminal.ofProcess());

    /** On the class path, in no service file. */
    public static final class Plain implements CompletionScorer, AutoCloseable {
        static int closed;

        @Override
        public double score(String prompt, String completion) {
            return prompt.length() + 100 * completion.length();
        }

        @Override
        public void close() {
            closed++;
        }
    }

    /** Cannot be made. */
    public static final class Needy implements CompletionScorer {
        private final String needed;

        public Needy(String needed) {
            this.needed = needed;
        }

        @Override
        public double score(String prompt, String completion) {
            return needed.length();
        }
    }

    /** Fails as it is made. */
    public static final class Failing implements CompletionScorer {
        public Failing() {
            throw new IllegalStateException("no server");
        }

        @Override
        public double score(String prompt, String completion) {
            return 0;
        }
    }

    @TempDir
    private static Path folder;

    private static Path jar = Path.of("");

    @BeforeAll
    static void build() throws Exception {
        // The one that is not listed is found by its full name alone; two share a simple name.
        jar = PluginJars.build(
                Files.createDirectory(folder.resolve("jar")),
                CompletionScorer.class,
                "acme.Politeness\nacme.Twin\nother.Twin\n",
                Map.of(
                        "acme.Politeness", source("acme", "Politeness", "completion.startsWith(\"Please\") ? 1 : 0"),
                        "acme.Twin", source("acme", "Twin", "2"),
                        "other.Twin", source("other", "Twin", "3"),
                        "acme.Unlisted", source("acme", "Unlisted", "4")));
    }

    private static String source(String folder, String name, String score) {
        return """
                package %s;

                public final class %s implements org.rlhf4j.base.CompletionScorer {
                    public double score(String prompt, String completion) {
                        return %s;
                    }
                }
                """.formatted(folder, name, score);
    }

    private static Plugins plugins(Object... args) {
        Plugins plugins = new Plugins();
        CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();
        spec.addMixin("plugins", CommandLine.Model.CommandSpec.forAnnotatedObject(plugins));
        String[] texts = new String[args.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = args[i].toString();
        }
        new CommandLine(spec).parseArgs(texts);
        return plugins;
    }

    private static double score(String name, String completion) throws IOException {
        try (NamedScorer scorer = NamedScorer.open("--scorer", name, plugins("--plugins", jar), MODELS)) {
            assertThat(scorer.name()).isEqualTo(name);
            return scorer.scores(List.of(Content.of("?")), List.of(completion))[0];
        }
    }

    @Test
    void aListedClassIsFoundByItsSimpleNameAndByItsFullOne() throws IOException {
        assertThat(score("Politeness", "Please go.")).isEqualTo(1);
        assertThat(score("acme.Politeness", "Go.")).isZero();
        assertThat(score("other.Twin", "")).isEqualTo(3);
    }

    @Test
    void otherClassesAreFoundByTheirFullName() throws IOException {
        assertThat(score("acme.Unlisted", "")).isEqualTo(4);
        int before = Plain.closed;
        assertThat(score(Plain.class.getName(), "four")).isEqualTo(401);
        assertThat(Plain.closed).as("a scorer that can be closed is").isEqualTo(before + 1);
    }

    @Test
    void twoOfOneSimpleNameAreToldApart() {
        assertThatThrownBy(() -> score("Twin", ""))
                .isInstanceOf(UsageException.class)
                .hasMessage("--scorer Twin may be acme.Twin or other.Twin: give the full name");
    }

    @Test
    void anUnknownNameIsAnsweredWithTheNearest() {
        assertThatThrownBy(() -> score("politness", ""))
                .isInstanceOf(UsageException.class)
                .hasMessage("--scorer politness: there is no such directory and no such class, did you mean"
                        + " \"Politeness\"? (known: Politeness, Twin, Twin); give the directory of a reward model, or a"
                        + " class and its --plugins JAR");
        assertThatThrownBy(() -> score("acme.Politenes", "")).hasMessageContaining("did you mean \"acme.Politeness\"?");
        assertThatThrownBy(() -> NamedScorer.open("--scorer", "politness", plugins(), MODELS))
                .as("nothing is listed without the JAR")
                .hasMessageContaining("no such class; give the directory");
    }

    @Test
    void aServiceFileThatLiesIsNamed() throws Exception {
        Path wrong = PluginJars.build(
                Files.createDirectory(folder.resolve("wrong")),
                CompletionScorer.class,
                "acme.Absent\n",
                Map.of("acme.Other", source("acme", "Other", "1")));
        assertThatThrownBy(() -> NamedScorer.open("--scorer", "Other", plugins("--plugins", wrong), MODELS))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--plugins: ")
                .hasMessageContaining("acme.Absent");
    }

    @Test
    void whatCannotBeMadeIsNamedWithTheReason() {
        assertThatThrownBy(() -> score(Needy.class.getName(), ""))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("Needy cannot be made: it has to be public")
                .hasMessageContaining("constructor without arguments");
        assertThatThrownBy(() -> score(Failing.class.getName(), ""))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("Failing cannot be made: java.lang.IllegalStateException: no server");
        assertThatThrownBy(() -> score("java.lang.Object", "")).hasMessageContaining("does not implement");
    }

    @Test
    void conversationsAreRefusedBeforeAnythingIsSampled() throws IOException {
        Content chat = Content.of(List.of(new Message("user", "Hi")));
        try (NamedScorer scorer = NamedScorer.open("--scorer", Plain.class.getName(), plugins(), MODELS)) {
            scorer.requireScores(List.of(Content.of("a")));
            assertThatThrownBy(() -> scorer.requireScores(List.of(Content.of("a"), chat)))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("scores plain text, but there are conversations");
        }
    }

    @Test
    void aRewardIsANameWithOrWithoutAWeight() {
        assertThat(RewardSetting.parse("--reward", "acme.Politeness"))
                .isEqualTo(new RewardSetting("acme.Politeness", 1));
        assertThat(RewardSetting.parse("--reward", "reward/model=0.5"))
                .isEqualTo(new RewardSetting("reward/model", 0.5));
        assertThat(RewardSetting.parse("--reward", "Length=-1e-3")).isEqualTo(new RewardSetting("Length", -0.001));
        // What is no number belongs to the name.
        assertThat(RewardSetting.parse("--reward", "runs/lr=2e-5/model").source())
                .isEqualTo("runs/lr=2e-5/model");
        assertThat(RewardSetting.parse("--reward", "a=NaN").source()).isEqualTo("a=NaN");
        assertThat(RewardSetting.parse("--reward", "a=1e999").source()).isEqualTo("a=1e999");
        assertThat(RewardSetting.parse("--reward", "lr=1=2")).isEqualTo(new RewardSetting("lr=1", 2));
        assertThatThrownBy(() -> RewardSetting.parse("--reward", "=2"))
                .isInstanceOf(UsageException.class)
                .hasMessage("--reward =2: source is \"\", must name a reward model or a class");
        assertThatThrownBy(() -> new RewardSetting("a", Double.NaN)).hasMessage("weight is NaN, must be finite");
    }

    @Test
    void severalRewardsAreOpenedTogetherAModelAmongThem() throws IOException {
        Path model = rewardModel();
        int before = Plain.closed;
        List<RewardSetting> settings = List.of(
                new RewardSetting(Plain.class.getName(), 1),
                new RewardSetting("Politeness", 2),
                new RewardSetting(model.toString(), -0.5));
        try (OpenRewards rewards = OpenRewards.open("--reward", settings, plugins("--plugins", jar), MODELS)) {
            List<RewardSource> sources = rewards.sources();
            assertThat(sources).extracting(RewardSource::weight).containsExactly(1.0, 2.0, -0.5);
            assertThat(sources).extracting(RewardSource::name).contains("Politeness", model.toString());
            // With a time limit a model's own thread is used from another one.
            ScoreConfig config = new ScoreConfig(FailurePolicy.ERROR, null, 60, Normalization.NONE, null, null);
            RawScores raw = new Rewards(sources, config)
                    .evaluate(List.of(Content.of("?"), Content.of("?")), List.of("", "Please"), row -> "row " + row);
            assertThat(raw.bySource()[0]).containsExactly(1, 601);
            assertThat(raw.bySource()[1]).containsExactly(0, 1);
            double[] byModel = raw.bySource()[2];
            assertThat(raw.total()).containsExactly(1 - 0.5 * byModel[0], 601 + 2 - 0.5 * byModel[1]);
        }
        assertThat(Plain.closed).isEqualTo(before + 1);
        List<RewardSetting> typo = List.of(settings.get(0), new RewardSetting("Absent", 1));
        assertThatThrownBy(() -> OpenRewards.open("--reward", typo, plugins(), MODELS))
                .hasMessageContaining("--reward Absent: there is no such directory");
        assertThat(Plain.closed).as("none stays open").isEqualTo(before + 2);
    }

    private static Path rewardModel() throws IOException {
        Path start = folder.resolve("start");
        Path pairs = Files.writeString(folder.resolve("pairs.jsonl"), """
                {"prompt":"A colour?","chosen":"Blue.","rejected":"Two."}
                """);
        CommandRun made = CommandRun.of("model", "create", "--preset", "tiny", "--out", start);
        assertThat(made.code()).as(made.err()).isZero();
        CommandRun trained = CommandRun.of(
                "reward",
                "train",
                "--model",
                start,
                "--data",
                pairs,
                "--out",
                folder.resolve("reward"),
                "--set",
                "training.maxSteps=1");
        assertThat(trained.code()).as(trained.err()).isZero();
        return folder.resolve("reward/model");
    }
}
