package org.rlhf4j.integration;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The dependency rules of ARCHITECTURE.md, held against the compiled classes. */
class ArchitectureTest {
    private static final JavaClasses PROJECT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.rlhf4j");

    private static final String[] JAVA = {"java..", "org.jspecify.."};

    @Test
    void everyRoomIsScanned() {
        Map<String, Integer> classesOfRoom = new TreeMap<>();
        PROJECT.forEach(type -> classesOfRoom.merge(type.getPackageName().split("\\.", -1)[2], 1, Integer::sum));
        assertThat(classesOfRoom.keySet())
                .containsExactly(
                        "base", "cli", "control", "core", "dpo", "lm", "ppo", "preference", "reward", "testing");
        // A floor, so that a wrong class path cannot make every rule below pass on nothing.
        assertThat(PROJECT).hasSizeGreaterThan(150);
        assertThat(classesOfRoom.values()).allMatch(count -> count > 3);
    }

    @Test
    void baseKnowsOnlyJavaJacksonAndZstd() {
        room("base", "com.fasterxml.jackson..", "com.github.luben.zstd..");
    }

    @Test
    void testingKnowsNoRoom() {
        room(
                "testing",
                "com.sun.management..",
                "ai.djl..",
                "com.fasterxml.jackson..",
                "org.junit..",
                "org.assertj..",
                "org.opentest4j..");
    }

    @Test
    void preferenceHasNoTensors() {
        room(
                "preference",
                "org.rlhf4j.base..",
                "com.fasterxml.jackson..",
                "org.apache.commons.math3..",
                "de.siegmar.fastcsv..",
                "org.apache.parquet..",
                "org.apache.hadoop.conf..",
                "shaded.parquet.org.apache.thrift..",
                "com.github.luben.zstd..",
                "org.xerial.snappy..",
                "io.airlift.compress..");
    }

    @Test
    void coreStandsOnBaseAndDjl() {
        room(
                "core",
                "org.rlhf4j.base..",
                "ai.djl..",
                "com.fasterxml.jackson..",
                "org.yaml.snakeyaml..",
                "org.slf4j..",
                // How much memory the machine has: the JDK says it nowhere else.
                "com.sun.management..");
    }

    @Test
    void languageModelStandsOnCoreAndPreference() {
        room(
                "lm",
                "org.rlhf4j.base..",
                "org.rlhf4j.core..",
                "org.rlhf4j.preference..",
                "ai.djl..",
                "com.fasterxml.jackson..",
                "org.apache.commons.math3..");
    }

    @Test
    void rewardStandsOnLanguageModelAndPreference() {
        room(
                "reward",
                "org.rlhf4j.base..",
                "org.rlhf4j.core..",
                "org.rlhf4j.lm..",
                "org.rlhf4j.preference..",
                "ai.djl..",
                "com.fasterxml.jackson..",
                "org.apache.commons.math3..");
    }

    @Test
    void dpoStandsOnLanguageModelAndKnowsNoOtherTrainer() {
        room("dpo", "org.rlhf4j.base..", "org.rlhf4j.core..", "org.rlhf4j.lm..", "ai.djl..");
    }

    @Test
    void controlIsPlainJava() {
        room("control", "com.fasterxml.jackson..", "org.rlhf4j.base..", "javax.imageio..");
    }

    @Test
    void thePpoCoreKnowsNoEnvironmentAndNoText() {
        classes()
                .that()
                .resideInAPackage("org.rlhf4j.ppo")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "org.rlhf4j.ppo",
                        "org.rlhf4j.base..",
                        "org.rlhf4j.core..",
                        "ai.djl.."))
                .check(PROJECT);
    }

    @Test
    void ppoInControlEnvironmentsKnowsNoText() {
        classes()
                .that()
                .resideInAPackage("org.rlhf4j.ppo.control..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "org.rlhf4j.ppo..",
                        "org.rlhf4j.control..",
                        "org.rlhf4j.core..",
                        "org.rlhf4j.base..",
                        "org.apache.commons.math3..",
                        "com.fasterxml.jackson..",
                        "ai.djl.."))
                .check(PROJECT);
    }

    @Test
    void ppoOnTextKnowsNoEnvironmentAndNoRewardModel() {
        classes()
                .that()
                .resideInAPackage("org.rlhf4j.ppo.text..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "org.rlhf4j.ppo",
                        "org.rlhf4j.ppo.text..",
                        "org.rlhf4j.lm..",
                        "org.rlhf4j.core..",
                        "org.rlhf4j.base..",
                        "ai.djl.."))
                .check(PROJECT);
    }

    @Test
    void theUsesOfPpoHoldNoSecondLoopOrLoss() {
        noClasses()
                .that()
                .resideInAPackage("org.rlhf4j.ppo.*..")
                .should()
                .dependOnClassesThat()
                .haveSimpleName("AdamW")
                .orShould()
                .dependOnClassesThat()
                .haveSimpleName("GradientStep")
                .orShould()
                .dependOnClassesThat()
                .haveSimpleName("Schedule")
                .orShould()
                .dependOnClassesThat()
                .haveSimpleName("TrainingLoop")
                .orShould()
                .dependOnClassesThat()
                .haveSimpleName("PpoLoss")
                .orShould()
                .callMethod("org.rlhf4j.core.tensor.Tape", "backward")
                .check(PROJECT);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.rlhf4j.(**)").should().beFreeOfCycles().check(PROJECT);
    }

    @Test
    void onlyTheTerminalTouchesTheConsole() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("org.rlhf4j.cli.console.Terminal")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .accessField(System.class, "in")
                .check(PROJECT);
    }

    @Test
    void onlyMainEndsTheProcess() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("org.rlhf4j.cli.Main")
                .should()
                .callMethod(System.class, "exit", int.class)
                .check(PROJECT);
    }

    @Test
    void djlsTrainersAndOptimisersStayUnused() {
        // Clipping is one-sided, AdamW decays everything, state cannot be saved: ARCHITECTURE.md, DJL facts.
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "ai.djl.training.optimizer..", "ai.djl.training.loss..", "ai.djl.training.listener.."))
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("ai.djl.training.Trainer")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("ai.djl.training.ParameterStore")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("ai.djl.training.EasyTrain")
                .check(PROJECT);
    }

    @Test
    void noFactorOfAGraphLivesInAJavaBuffer() {
        // DJL frees the number before the backward pass: TorchOps.times. Sampling has no graph.
        List<String> products =
                List.of("mul", "div", "pow", "mod", "maximum", "minimum", "muli", "divi", "powi", "modi");
        for (String product : products) {
            noClasses()
                    .that()
                    .resideOutsideOfPackages("org.rlhf4j.testing..", "org.rlhf4j.lm.generate..")
                    .should()
                    .callMethod(NDArray.class, product, Number.class)
                    .check(PROJECT);
        }
        noClasses()
                .that()
                .resideOutsideOfPackage("org.rlhf4j.testing..")
                .should()
                .callMethod(NDArray.class, "cbrt")
                .orShould()
                .callMethod(NDArray.class, "clip", Number.class, Number.class)
                .check(PROJECT);
    }

    @Test
    void onlyCoreCollectsGradients() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.rlhf4j.core..", "org.rlhf4j.testing..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("ai.djl.training.GradientCollector")
                .check(PROJECT);
    }

    @Test
    void randomnessComesFromSeededStreams() {
        noClasses().should().dependOnClassesThat().areAssignableTo(Random.class).check(PROJECT);
        noClasses().should().callMethod(Math.class, "random").check(PROJECT);
    }

    @Test
    void everyPackageIsNullMarked() {
        for (JavaPackage javaPackage : PROJECT.getDefaultPackage().getSubpackagesInTree()) {
            if (javaPackage.getName().startsWith("org.rlhf4j.")
                    && !javaPackage.getClasses().isEmpty()) {
                assertThat(javaPackage.isAnnotatedWith(NullMarked.class))
                        .as(javaPackage.getName())
                        .isTrue();
            }
        }
    }

    private static void room(String name, String... mayKnow) {
        String[] allowed = new String[mayKnow.length + JAVA.length + 1];
        System.arraycopy(mayKnow, 0, allowed, 0, mayKnow.length);
        System.arraycopy(JAVA, 0, allowed, mayKnow.length, JAVA.length);
        allowed[allowed.length - 1] = "org.rlhf4j." + name + "..";
        classes()
                .that()
                .resideInAPackage("org.rlhf4j." + name + "..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed))
                .check(PROJECT);
    }
}
