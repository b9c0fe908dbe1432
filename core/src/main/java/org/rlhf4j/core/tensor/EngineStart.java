package org.rlhf4j.core.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.HomeDirectory;

/** Settings, checks and the start of DJL's PyTorch engine; runs once, on the tensor thread. */
final class EngineStart {
    private static final long UNPACKED_BYTES = 1L << 30;

    private EngineStart() {}

    static NDManager start() {
        settings();
        DeviceChoice device = DeviceChoice.ofSettings();
        Platform platform = Platform.detectPlatform("pytorch");
        String local = Utils.getEnvOrSystemProperty("PYTORCH_LIBRARY_PATH");
        if (local == null) {
            requireNativeLibrary(platform);
            requireRoom(Utils.getEngineCacheDir("pytorch"));
        } else {
            TorchLibrary library =
                    TorchLibrary.of(local, Optional.ofNullable(Utils.getEnvOrSystemProperty("PYTORCH_FLAVOR")));
            byDefault("PYTORCH_VERSION", TorchLibrary.VERSION);
            byDefault("PYTORCH_FLAVOR", library.flavor());
        }
        try {
            Engine engine = Engine.getEngine("PyTorch");
            // DJL sets this per call otherwise; the profiling executor only pays after many calls of one shape.
            JniUtils.setGraphExecutorOptimize(false);
            JniUtils.setGradMode(false);
            DeviceChoice.Library library =
                    new DeviceChoice.Library(JniUtils.getFeatures().contains("CUDA"));
            NDManager manager = engine.newBaseManager(device.of(library, number -> answers(engine, number)));
            manager.setName("rlhf4j");
            return manager;
        } catch (EngineException | UnsatisfiedLinkError e) {
            throw new EngineStartException(
                    "the PyTorch engine does not start: " + rootMessage(e) + "; native library cache: "
                            + Utils.getEngineCacheDir("pytorch") + " (delete it to unpack again)",
                    e);
        }
    }

    /** Whether the engine can make an array on a GPU. */
    private static boolean answers(Engine engine, int number) {
        try (NDManager manager = engine.newBaseManager(Device.gpu(number))) {
            manager.ones(new Shape(1)).close();
            return true;
        } catch (EngineException e) {
            return false;
        }
    }

    static void settings() {
        byDefault("ai.djl.offline", "true");
        byDefault("OPT_OUT_TRACKING", "true");
        byDefault("ai.djl.default_engine", "PyTorch");
        byDefault("ai.djl.pytorch.graph_optimizer", "false");
        byDefault("ai.djl.pytorch.num_threads", Integer.toString(threads()));
        byDefault("DJL_CACHE_DIR", HomeDirectory.path().toString());
    }

    private static void byDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static int threads() {
        int processors = Runtime.getRuntime().availableProcessors();
        @Nullable String wanted = System.getProperty("rlhf4j.threads", System.getenv("RLHF4J_THREADS"));
        if (wanted == null || wanted.isBlank()) {
            return processors;
        }
        try {
            int threads = Integer.parseInt(wanted.strip());
            if (threads >= 1) {
                return threads;
            }
        } catch (NumberFormatException e) {
            // falls through to the one message for every bad value
        }
        throw new EngineStartException("RLHF4J_THREADS is \"" + wanted + "\": give a number of threads, 1 or more");
    }

    private static void requireNativeLibrary(Platform platform) {
        if (platform.isPlaceholder()) {
            throw new EngineStartException(String.format(
                    Locale.ROOT,
                    "no PyTorch library for %s-%s on the class path: add ai.djl.pytorch:pytorch-native-cpu:2.7.1 with"
                            + " the classifier linux-x86_64, linux-aarch64, osx-aarch64 or win-x86_64",
                    platform.getOsPrefix(),
                    platform.getOsArch()));
        }
    }

    /** The folder of the cache that holds the library of this platform once it is unpacked. */
    static String unpackedFolder() {
        Platform platform = Platform.detectPlatform("pytorch");
        return platform.getVersion() + "-" + platform.getFlavor() + "-" + platform.getClassifier();
    }

    private static void requireRoom(Path cache) {
        if (Files.exists(cache.resolve(unpackedFolder()).resolve(System.mapLibraryName("torch")))) {
            return;
        }
        try {
            Files.createDirectories(cache);
            Files.delete(Files.createTempFile(cache, "probe", null));
        } catch (IOException e) {
            throw new EngineStartException(
                    "cannot write to " + cache + ", where the PyTorch library is unpacked ("
                            + e.getClass().getSimpleName()
                            + "): make it writable, or set RLHF4J_HOME to another directory",
                    e);
        }
        tooLittleSpace(cache, cache.toFile().getUsableSpace()).ifPresent(reason -> {
            throw new EngineStartException(reason);
        });
    }

    static Optional<String> tooLittleSpace(Path cache, long free) {
        return free >= UNPACKED_BYTES
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "%s has %d MB free, and unpacking the PyTorch library needs 1024 MB: free some space, or set"
                                + " RLHF4J_HOME to another disk",
                        cache,
                        free >> 20));
    }

    private static String rootMessage(Throwable problem) {
        Throwable root = problem;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        return message.lines().findFirst().orElse(root.getClass().getSimpleName());
    }
}
