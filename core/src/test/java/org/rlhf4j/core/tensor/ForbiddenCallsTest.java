package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls that compile and run and are wrong: DJL cuts the gradient without a word, ends the process, or shares memory with
 * a Java buffer. Searched for in every main source that sees tensors, however its lines are broken.
 */
class ForbiddenCallsTest {
    /** Makes arrays for tests only, outside every training run. */
    private static final String NOT_SEARCHED = "testing";

    private static final Pattern TENSORS = Pattern.compile("\\b(ai\\.djl|org\\.rlhf4j\\.core\\.tensor)\\b");

    private static final Pattern CREATE = Pattern.compile("(\\)|\\b[a-z]\\w*)\\.create\\((?!shape,|new Shape\\()");

    private static final Pattern COMMENT = Pattern.compile("//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL);

    /**
     * A forbidden call.
     *
     * @param pattern what it looks like
     * @param reason why, and what to use instead
     * @param allowed file to the reason why it may
     */
    private record Rule(String pattern, String reason, Map<String, String> allowed) {
        @Override
        public String toString() {
            return pattern;
        }
    }

    private static Rule rule(String pattern, String reason) {
        return new Rule(pattern, reason, Map.of());
    }

    static Stream<Rule> rules() {
        return Stream.of(
                rule("\\.toType\\(", "cuts the gradient: TorchOps.toFloat32, toFloat64 or cast"),
                rule("\\.toDevice\\(", "cuts the gradient between devices"),
                rule("\\.to(Dense|Sparse)\\(", "cuts the gradient"),
                new Rule(
                        "\\.duplicate\\(",
                        "cuts the gradient",
                        Map.of(
                                "Parameters.java", "copies weights, outside every graph",
                                "BestWeights.java", "copies weights, outside every graph")),
                new Rule(
                        "\\.stopGradient\\(",
                        "cuts the gradient",
                        Map.of(
                                "Tape.java", "makes the leaf of a two-phase pass",
                                "PlackettLuce.java", "subtracts a maximum, which cancels out",
                                "PpoLearner.java", "leaves out an entropy that nothing rewards")),
                rule("(?<!TorchOps)\\.(zeros|ones)Like\\(", "ends the process for bfloat16: TorchOps.zerosLike"),
                rule("\\.like\\(\\)", "makes an empty array without a gradient"),
                rule("\\.(copyTo|intern)\\(", "exchanges the memory of its target under the graph: TorchOps.copyInto"),
                rule("DataType\\.(BFLOAT16|INT16|UINT16|UINT32|UINT64)", "ends the process inside the native library"),
                new Rule(
                        "IValueUtils\\.",
                        "runs in inference mode, whose results can enter no graph: Kernels",
                        Map.of("Kernels.java", "chooses the mode")),
                new Rule(
                        "newGradientCollector\\(|new PtGradientCollector",
                        "one collector a process: Tape",
                        Map.of("Tape.java", "owns it")),
                rule("zeroGradients\\(", "keeps NaN for ever: GradientStep zeroes"),
                rule(
                        "ai\\.djl\\.training\\.(?!GradientCollector)",
                        "DJL's trainers and optimizers have other semantics"),
                new Rule(
                        CREATE.pattern(),
                        "shares memory with a Java buffer that only the garbage collector frees: HostCopy.create",
                        Map.of(
                                "Kernels.java", "a few scalars that live as long as the process",
                                "TensorTransfer.java", "copied from at once; the buffer is reused")));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void noMainSourceMakesTheCall(Rule rule) {
        Pattern pattern = Pattern.compile(rule.pattern);
        Set<String> allowedAndUsed = new TreeSet<>();
        for (Path file : sources()) {
            Matcher matcher = pattern.matcher(code(text(file)));
            boolean found = matcher.find();
            String name = file.getFileName().toString();
            if (found && rule.allowed.containsKey(name)) {
                allowedAndUsed.add(name);
            } else {
                assertThat(found)
                        .as("%s calls %s, which %s", file, found ? matcher.group() : "", rule.reason)
                        .isFalse();
            }
        }
        assertThat(allowedAndUsed)
                .as("exceptions that are still needed")
                .isEqualTo(new TreeSet<>(rule.allowed.keySet()));
    }

    @Test
    void theSearchSeesTheSources() {
        assertThat(sources()).hasSizeGreaterThan(30);
        assertThat(sources().stream().map(file -> file.getFileName().toString()))
                .contains("TorchOps.java", "Decoder.java", "PairwiseLoss.java");
        assertThat(code("a(); // x.duplicate()\n/* y.toType( */ b();")).isEqualTo("a(); \n b();");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "manager.create(values)",
                "owner.create(values, shape)",
                "hidden.getManager()\n    // of the step\n    .create(values)",
                "weights\n    .manager() .create ( values)"
            })
    void anArrayOverAJavaBufferIsSeenHoweverItIsWritten(String source) {
        assertThat(CREATE.matcher(code(source)).find()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HostCopy\n    .create(manager, values)",
                "manager.create(shape, type)",
                "manager.create(\n    new Shape(2), DataType.FLOAT32)"
            })
    void anArrayWithMemoryOfItsOwnIsNoForbiddenCall(String source) {
        assertThat(CREATE.matcher(code(source)).find()).isFalse();
    }

    static Stream<Map.Entry<String, UnaryOperator<NDArray>>> cutting() {
        return Stream.of(
                Map.entry("toType", x -> x.toType(DataType.FLOAT64, true)),
                Map.entry("duplicate", NDArray::duplicate),
                Map.entry("toDense", NDArray::toDense),
                Map.entry("toSparse", x -> x.toSparse(SparseFormat.COO)),
                Map.entry("stopGradient", NDArray::stopGradient),
                Map.entry("like", NDArray::like));
    }

    @ParameterizedTest
    @MethodSource("cutting")
    void theCallIsForbiddenForAReason(Map.Entry<String, UnaryOperator<NDArray>> call) {
        assertThat(survives(call.getValue())).as(call.getKey()).isFalse();
    }

    static Stream<Map.Entry<String, UnaryOperator<NDArray>>> allowed() {
        return Stream.of(
                Map.entry("add", x -> x.add(1)),
                Map.entry("reshape", x -> x.reshape(4)),
                Map.entry("transpose", NDArray::transpose),
                Map.entry("get", x -> x.get("0:1")),
                Map.entry("toDevice of the same device", x -> x.toDevice(Device.cpu(), false)),
                Map.entry("toFloat64", TorchOps::toFloat64),
                Map.entry("cast", x -> TorchOps.cast(x, DataType.FLOAT64)));
    }

    @ParameterizedTest
    @MethodSource("allowed")
    void theCallKeepsTheGradient(Map.Entry<String, UnaryOperator<NDArray>> call) {
        assertThat(survives(call.getValue())).as(call.getKey()).isTrue();
    }

    private static boolean survives(UnaryOperator<NDArray> call) {
        return Torch.call(() -> Scope.call(() -> {
            NDArray leaf = HostCopy.create(Torch.manager(), new Shape(2, 2), new float[] {1, 2, 3, 4});
            leaf.setRequiresGradient(true);
            JniUtils.setGradMode(true);
            try {
                return TorchOps.inGraph(call.apply(leaf.mul(2)));
            } finally {
                JniUtils.setGradMode(false);
            }
        }));
    }

    private static List<Path> sources() {
        try (Stream<Path> rooms = Files.list(Path.of(System.getProperty("rlhf4j.root")))) {
            return rooms.filter(room -> !room.endsWith(NOT_SEARCHED))
                    .map(room -> room.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .flatMap(ForbiddenCallsTest::javaFiles)
                    .filter(file -> TENSORS.matcher(text(file)).find())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> javaFiles(Path directory) {
        try (Stream<Path> tree = Files.walk(directory)) {
            return tree.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The source without comments, and without the space before and after dots and opening brackets. */
    private static String code(String source) {
        return COMMENT.matcher(source).replaceAll("").replaceAll("\\s*([.(])\\s*", "$1");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
