package org.rlhf4j.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.core.train.OptimizerConfig.LearningRate;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Property;

final class ConfigReaderTest {
    private final Path directory;

    ConfigReaderTest(@TempDir Path directory) {
        this.directory = directory;
    }

    /** What a command might have: required, optional, nested, a choice, a list. */
    record Command(
            @Doc("Where the model is.") Path model,
            @Nullable Path evalData,
            String note,
            Loss loss,
            List<Double> thresholds,
            List<Stage> stages,
            TrainingConfig training) {
        Command {
            thresholds = List.copyOf(thresholds);
            stages = List.copyOf(stages);
        }
    }

    record Stage(String name, boolean frozen) {}

    sealed interface Loss {
        record BradleyTerry(double margin) implements Loss {}

        record PlackettLuce() implements Loss {}
    }

    private static final Command DEFAULTS = new Command(
            Path.of("models/tiny"),
            null,
            "",
            new Loss.BradleyTerry(0),
            List.of(0.5, 1e-9),
            List.of(new Stage("warm up", true), new Stage("train", false)),
            TrainingConfig.defaults(1e-4));

    @Test
    void withoutLayersTheDefaultsComeBack() {
        assertThat(ConfigReader.of(DEFAULTS).read()).isEqualTo(DEFAULTS);
    }

    @Test
    void laterLayersWin() {
        Path file = yaml("""
                # a comment
                training:
                  seed: 1
                  batchSize: 16
                  optimizer: {learningRate: 1e-3, schedule: Cosine}
                loss: plackett_luce
                """);
        Command read = ConfigReader.of(DEFAULTS)
                .file(file)
                .overrides(List.of("training.batchSize=24", "training.seed=2", "thresholds=[1, 2.5]"))
                .flag("--seed", "training.seed", 3L)
                .flag("--note", "note", null)
                .read();
        assertThat(read.training().seed()).isEqualTo(3);
        assertThat(read.training().batchSize()).isEqualTo(24);
        assertThat(read.training().microBatchSize()).isEqualTo(8);
        assertThat(read.training().optimizer().learningRate()).isEqualTo(0.001);
        assertThat(read.training().optimizer().schedule()).isEqualTo(LearningRate.COSINE);
        assertThat(read.loss()).isEqualTo(new Loss.PlackettLuce());
        assertThat(read.thresholds()).containsExactly(1.0, 2.5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "trainings.seed=1 | unknown key \"trainings\", did you mean \"training\"?",
                "training.batch_size=1 | unknown key \"training.batch_size\", did you mean \"training.batchSize\"?",
                "learningRate=1 | unknown key \"learningRate\", did you mean \"training.optimizer.learningRate\"?",
                "training.zzz=1 | unknown key \"training.zzz\" (known: training.epochs, training.maxSteps, ",
                "training.seed=many | training.seed is \"many\", must be a whole number",
                "training.batchSize=8.0 | training.batchSize is \"8.0\", must be a whole number",
                "training.batchSize=4294967304 | training.batchSize is \"4294967304\", must be a whole number below 2^31",
                "training.seed=9223372036854775808 | training.seed is \"9223372036854775808\", must be a whole number",
                "training.sortByLength=yes | training.sortByLength is \"yes\", must be true or false",
                "training.optimizer.learningRate=NaN | training.optimizer.learningRate is \"NaN\", must be a number",
                "training.optimizer.learningRate=1e999 | must be a number",
                "training.optimizer.learningRate=0x1p3 | must be a number",
                "training.optimizer.learningRate=1d | must be a number",
                "training.optimizer.schedule=cosin | training.optimizer.schedule: unknown value \"cosin\", did you mean \"cosine\"? (known: constant, linear, cosine)",
                "training.batchSize=0 | training.batchSize is 0, must be at least 1",
                "training.microBatchSize=3 | training.microBatchSize is 3, must divide batchSize 8 without remainder",
                "training.seed= | training.seed has no value",
                "training=5 | training is \"5\", must be a group of keys",
                "thresholds=1 | thresholds is \"1\", must be a list such as [a, b]",
                "thresholds=[1, x] | thresholds[1] is \"x\", must be a number",
                "loss=hinge | loss: unknown type \"hinge\" (known: bradley-terry, plackett-luce)",
                "loss.type=plackett-luce | OK",
                "loss.margin=2 | OK",
                "training.maxSteps=null | OK",
                "note=a = b | OK",
                "training..seed=1 | \"training..seed\" is not a key",
                "seed | expected key.path=value",
            })
    void overridesAreCheckedAndNameTheirPlace(String assignment, String expected) {
        ConfigReader<Command> reader = ConfigReader.of(DEFAULTS);
        if (expected.equals("OK")) {
            assertThat(reader.overrides(List.of(assignment)).read()).isNotNull();
            return;
        }
        assertThatThrownBy(() -> reader.overrides(List.of(assignment)).read())
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("--set " + assignment + ": ")
                .hasMessageContaining(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "training:\\n  seeds: 1 | 2: unknown key \"training.seeds\", did you mean \"training.seed\"?",
                "note: a\\nnote: b | 2: duplicate key \"note\"",
                "training: {seed: 1, seed: 2} | 1: duplicate key \"seed\"",
                "training:\\n  seed: \"1\" | 2: training.seed is the text \"1\", must be a whole number",
                "training:\\n\\n  batchSize: -8 | 3: training.batchSize is -8, must be at least 1",
                "note: &a x\\nmodel: *a | 1: YAML anchors and aliases",
                "note: !!java.net.URL x | 1: YAML tags are not supported",
                "note: a\\n--- \\nnote: b | 2: a second YAML document",
                "- a\\n- b | 1: expected keys with values",
                "note: [a | 1: not valid YAML",
                "note: a\\n\\tmodel: b | not valid YAML",
                "? {a: b}\\n: c | 1: a key must be a plain name",
                "stages:\\n- name: a\\n  frozen: maybe | 3: stages[0].frozen is \"maybe\", must be true or false",
                "stages:\\n- name: a | stages[0].frozen is required",
                "[[[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]]] | nested deeper than 16 levels",
            })
    void filesAreReadStrictlyAndNameTheLine(String lines, String expected) {
        Path file = yaml(lines.replace("\\n", "\n").replace("\\t", "\t"));
        String place = Character.isDigit(expected.charAt(0)) ? file + ":" + expected : expected;
        assertThatThrownBy(() -> ConfigReader.of(DEFAULTS).file(file).read())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(place)
                .message()
                .hasLineCount(1);
    }

    @Test
    void absentAndUnreadableFilesAreNamed() throws IOException {
        Path absent = directory.resolve("absent.yaml");
        assertThatThrownBy(() -> ConfigReader.of(DEFAULTS).file(absent))
                .isInstanceOf(ConfigException.class)
                .hasMessage(absent + ": there is no such file");
        Path latin = Files.write(directory.resolve("latin.yaml"), new byte[] {'n', ':', ' ', (byte) 0xe9});
        assertThatThrownBy(() -> ConfigReader.of(DEFAULTS).file(latin))
                .isInstanceOf(ConfigException.class)
                .hasMessage(latin + ": is not valid UTF-8");
    }

    @Test
    void anEmptyFileChangesNothing() {
        assertThat(ConfigReader.of(DEFAULTS).file(yaml("# nothing\n")).read()).isEqualTo(DEFAULTS);
    }

    @Test
    void whatHasNoDefaultIsRequiredUnlessItMayBeNull() {
        ConfigReader<Command> reader = ConfigReader.of(Command.class)
                .defaults("training", TrainingConfig.defaults(1e-4))
                .defaults("loss", new Loss.PlackettLuce())
                .defaults("thresholds", List.of())
                .defaults("stages", List.of())
                .defaults("note", "");
        assertThatThrownBy(reader::read)
                .isInstanceOf(ConfigException.class)
                .hasMessage("model is required: give it in the settings file or with --set model=VALUE");
        Command read = reader.flag("--model", "model", Path.of("m")).read();
        assertThat(read.evalData()).isNull();
        assertThat(read.training()).isEqualTo(TrainingConfig.defaults(1e-4));
    }

    @Test
    void yamlKeepsTheOrderOfTheComponentsAndIsReadable() {
        assertThat(ConfigReader.toYaml(DEFAULTS)).isEqualTo("""
                        model: models/tiny
                        evalData: null
                        note: ""
                        loss:
                          type: bradley-terry
                          margin: 0.0
                        thresholds: [0.5, 1.0e-9]
                        stages:
                          - name: "warm up"
                            frozen: true
                          - name: train
                            frozen: false
                        training:
                          epochs: 3.0
                          maxSteps: null
                          batchSize: 8
                          microBatchSize: 8
                          sortByLength: true
                          gradientCheckpointing: false
                          seed: 42
                          loggingSteps: 10
                          evalSteps: 0
                          keepBest: null
                          optimizer:
                            learningRate: 1.0e-4
                            schedule: linear
                            warmupSteps: 0
                            warmupRatio: 0.0
                            weightDecay: 0.0
                            maxGradNorm: 1.0
                            beta1: 0.9
                            beta2: 0.999
                            epsilon: 1.0e-8
                            maxBadSteps: 0
                        """);
    }

    @Test
    void anySettingsSurviveYaml() {
        Property.forAll(100, ConfigReaderTest::anyCommand, command -> {
            Path file = yaml(ConfigReader.toYaml(command));
            assertThat(ConfigReader.of(Command.class).file(file).read()).isEqualTo(command);
        });
    }

    @Test
    void yamlDoesNotDependOnTheLocale() {
        Locale before = Locale.getDefault();
        String expected = ConfigReader.toYaml(DEFAULTS);
        try {
            for (String locale : List.of("tr-TR", "ar-EG-u-nu-arab", "de-DE")) {
                Locale.setDefault(Locale.forLanguageTag(locale));
                assertThat(ConfigReader.toYaml(DEFAULTS)).isEqualTo(expected);
                assertThat(ConfigReader.of(DEFAULTS)
                                .overrides(List.of("training.optimizer.schedule=LINEAR"))
                                .read())
                        .isEqualTo(DEFAULTS);
            }
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void keysAreListedWithKindAndSentence() {
        assertThat(ConfigKey.of(Command.class))
                .contains(
                        new ConfigKey("model", "a path", false, "Where the model is."),
                        new ConfigKey("evalData", "a path", true, ""),
                        new ConfigKey("loss", "bradley-terry|plackett-luce", false, ""),
                        new ConfigKey("loss.margin", "a number", false, ""),
                        new ConfigKey("thresholds", "a list of: a number", false, ""),
                        new ConfigKey(
                                "training.optimizer.learningRate", "a number", false, "Peak learning rate of AdamW."));
        assertThat(ConfigKey.of(TrainingConfig.class))
                .allMatch(key -> !key.doc().isEmpty());
    }

    private static Command anyCommand(Draws draws) {
        int micro = draws.between(1, 50);
        OptimizerConfig optimizer = new OptimizerConfig(
                draws.between(1e-12, 1.0),
                draws.pick(List.of(LearningRate.values())),
                draws.between(0, 1000),
                0,
                draws.between(0.0, 1.0),
                draws.between(0.0, 10.0),
                draws.between(0.0, 1.0),
                draws.between(0.0, 1.0),
                draws.between(1e-300, 1.0),
                draws.between(0, 9));
        TrainingConfig training = new TrainingConfig(
                draws.between(1e-3, 100.0),
                draws.flip() ? draws.between(1, Integer.MAX_VALUE) : null,
                micro * draws.between(1, 9),
                micro,
                draws.flip(),
                draws.flip(),
                draws.anyLong(),
                draws.between(1, 100),
                draws.between(0, 100),
                draws.flip() ? draws.pick(List.of("eval_loss", "null", "~", "", "5", "a: b", "true")) : null,
                optimizer);
        Loss loss = draws.flip() ? new Loss.PlackettLuce() : new Loss.BradleyTerry(draws.anyFinite());
        return new Command(
                Path.of("p" + draws.word(0, 5) + draws.pick(List.of("", " x", ": y", "# z", "'", "\"", "\\"))),
                draws.flip() ? Path.of(draws.word(1, 5)) : null,
                draws.text(6) + draws.pick(List.of("", "\u0085", "\u007f", "\ufeff")),
                loss,
                draws.list(3, Draws::anyFinite),
                draws.list(3, d -> new Stage(d.text(3), d.flip())),
                training);
    }

    private Path yaml(String text) {
        try {
            return Files.writeString(directory.resolve("run.yaml"), text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
