package org.rlhf4j.ppo.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DirectoryTransaction;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.Storage;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.wrap.RunningStatistics;
import org.rlhf4j.core.safetensors.DType;
import org.rlhf4j.core.safetensors.SafetensorsFile;
import org.rlhf4j.core.safetensors.SafetensorsWriter;
import org.rlhf4j.core.safetensors.TensorInfo;
import org.rlhf4j.core.safetensors.TensorSource;

/**
 * A policy on disk: {@code policy.safetensors} with the weights of both networks, and {@code policy.json}:
 *
 * <pre>
 * {"format": "rlhf4j-control-policy-1", "env": "Pendulum-v1",
 *  "observation_space": "Box(...)", "action_space": "Box(...)", "hidden_sizes": [64, 64],
 *  "exploration": {"type": "state-dependent", "initial_log_std": 0.0, "sample_frequency": 4},
 *  "observation_statistics": {"mean": [...], "variance": [...], "count": 300032.0001}}
 * </pre>
 *
 * <p>{@code exploration} and {@code observation_statistics} are absent where there is none.
 */
final class PolicyFiles {
    private static final String FORMAT = "rlhf4j-control-policy-1";
    private static final String SETTINGS = "policy.json";
    private static final String WEIGHTS = "policy.safetensors";

    private PolicyFiles() {}

    static void save(ControlPolicy<?> policy, Storage storage, Path directory) throws IOException {
        try (DirectoryTransaction files = storage.beginDirectory(directory)) {
            files.write(SETTINGS, Json.pretty(settings(policy)).getBytes(StandardCharsets.UTF_8));
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : policy.weights().names()) {
                Weights.Tensor tensor = policy.weights().tensor(name);
                tensors.add(TensorSource.of(name, tensor.values(), tensor.shape(), DType.F32));
            }
            SafetensorsWriter.write(files, WEIGHTS, tensors);
            files.commit();
        }
    }

    private static ObjectNode settings(ControlPolicy<?> policy) {
        ObjectNode json = Json.object();
        json.put("format", FORMAT);
        json.put("env", policy.env());
        json.put("observation_space", policy.observationSpace().toString());
        json.put("action_space", policy.actionSpace().toString());
        ArrayNode sizes = json.putArray("hidden_sizes");
        policy.config().hiddenSizes().forEach(sizes::add);
        Exploration exploration = policy.config().exploration();
        if (exploration instanceof Exploration.Gaussian gaussian) {
            json.putObject("exploration").put("type", "gaussian").put("initial_log_std", gaussian.initialLogStd());
        } else if (exploration instanceof Exploration.StateDependent smooth) {
            json.putObject("exploration")
                    .put("type", "state-dependent")
                    .put("initial_log_std", smooth.initialLogStd())
                    .put("sample_frequency", smooth.sampleFrequency());
        }
        RunningStatistics.State statistics = policy.statistics();
        if (statistics != null) {
            json.set("observation_statistics", statistics.toJson());
        }
        return json;
    }

    static String environmentOf(Path directory) {
        return read(directory).text("env");
    }

    static <A> ControlPolicy<A> open(Path directory, Environment<A> environment) {
        JsonFields json = read(directory);
        requireSame(json, "observation_space", environment.observationSpace().toString());
        requireSame(json, "action_space", environment.actionSpace().toString());
        JsonFields statistics = json.optionalObject("observation_statistics");
        try {
            List<Integer> sizes = new ArrayList<>();
            for (long size : json.integers("hidden_sizes")) {
                sizes.add(Math.toIntExact(size));
            }
            return new ControlPolicy<>(
                    json.text("env"),
                    environment.observationSpace(),
                    environment.actionSpace(),
                    new PolicyConfig(sizes, exploration(json.optionalObject("exploration"))),
                    statistics == null
                            ? null
                            : RunningStatistics.State.fromJson(
                                    statistics, environment.observationSpace().size()),
                    weights(directory.resolve(WEIGHTS)));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw json.fail(String.valueOf(e.getMessage()));
        }
    }

    private static JsonFields read(Path directory) {
        Path file = directory.resolve(SETTINGS);
        JsonFields json = JsonFields.of(Json.read(file), file.toString(), 0);
        String format = json.text("format");
        if (!format.equals(FORMAT)) {
            throw json.problem("format", "is \"" + format + "\", this version reads " + FORMAT);
        }
        return json;
    }

    private static void requireSame(JsonFields json, String name, String here) {
        String there = json.text(name);
        if (!there.equals(here)) {
            throw json.problem(name, "is " + there + ", but the environment has " + here);
        }
    }

    private static @Nullable Exploration exploration(@Nullable JsonFields json) {
        if (json == null) {
            return null;
        }
        String type = json.text("type");
        return switch (type) {
            case "gaussian" -> new Exploration.Gaussian(json.number("initial_log_std"));
            case "state-dependent" ->
                new Exploration.StateDependent(json.number("initial_log_std"), json.int32("sample_frequency"));
            default -> throw json.problem("type", "is \"" + type + "\", not gaussian or state-dependent");
        };
    }

    private static Weights weights(Path path) {
        Map<String, Weights.Tensor> tensors = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (TensorInfo tensor : file.tensors()) {
                float[] values = file.readFloats(tensor.name(), SafetensorsFile.NonFinite.REFUSE);
                tensors.put(tensor.name(), new Weights.Tensor(tensor.shape(), values));
            }
        }
        return new Weights(tensors);
    }
}
