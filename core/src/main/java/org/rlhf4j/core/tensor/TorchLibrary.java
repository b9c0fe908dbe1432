package org.rlhf4j.core.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A local libtorch that stands in for the library on the class path, which has none for GPUs: the folder that
 * {@code PYTORCH_LIBRARY_PATH} names.
 *
 * @param folder holds the libraries
 * @param flavor {@code cpu}, or {@code cu} and the digits of CUDA's version
 */
record TorchLibrary(Path folder, String flavor) {
    /** The version that DJL's binding was built for. */
    static final String VERSION = "2.7.1";

    /** The flavors that DJL's binding comes in. */
    private static final List<String> FLAVORS = List.of("cpu", "cu128");

    private static final Pattern BUILD = Pattern.compile("(\\d+(?:\\.\\d+)+)(?:\\+([a-z]+\\d*))?");
    private static final Pattern VERSION_PY = Pattern.compile("__version__ = '([^']+)'");

    /**
     * Finds and checks it.
     *
     * @param path what {@code PYTORCH_LIBRARY_PATH} says
     * @param flavor what {@code PYTORCH_FLAVOR} says, for a folder that does not say itself how it was built
     * @throws EngineStartException if there is no library, or one of another version or flavor
     */
    static TorchLibrary of(String path, Optional<String> flavor) {
        Path folder = folder(path);
        String name = System.mapLibraryName("torch");
        if (!Files.isRegularFile(folder.resolve(name))) {
            boolean below = Files.isRegularFile(folder.resolve("lib").resolve(name));
            throw bad(folder, "holds no " + name + (below ? ": name its folder lib" : ""));
        }
        Optional<String> build = build(folder);
        String found = flavor.orElseGet(() -> ofCuda(folder) ? "cu128" : "cpu");
        if (build.isPresent()) {
            Matcher matcher = BUILD.matcher(build.get());
            if (!matcher.matches() || !matcher.group(1).equals(VERSION)) {
                throw bad(folder, "holds PyTorch " + build.get() + ", not " + VERSION);
            }
            found = Optional.ofNullable(matcher.group(2)).orElse(found);
            String stated = found;
            flavor.filter(each -> !each.equals(stated)).ifPresent(each -> {
                throw bad(folder, "is built for " + stated + ", and PYTORCH_FLAVOR is " + each);
            });
        }
        if (!FLAVORS.contains(found)) {
            throw bad(folder, "is built for " + found + "; there are bindings for " + String.join(" and ", FLAVORS));
        }
        if (found.startsWith("cu") && !ofCuda(folder)) {
            throw bad(folder, "holds no " + System.mapLibraryName("torch_cuda") + ", which " + found + " has");
        }
        return new TorchLibrary(folder, found);
    }

    private static Path folder(String path) {
        try {
            Path folder = Path.of(path);
            if (Files.isDirectory(folder)) {
                return folder;
            }
        } catch (InvalidPathException e) {
            // falls through to the message for whatever is no folder
        }
        throw new EngineStartException("PYTORCH_LIBRARY_PATH is \"" + path + "\", which is no folder: see docs/gpu.md");
    }

    private static boolean ofCuda(Path folder) {
        return Files.isRegularFile(folder.resolve(System.mapLibraryName("torch_cuda")));
    }

    /** What the file {@code build-version} of a libtorch, or {@code version.py} of a Python package, says beside the folder. */
    private static Optional<String> build(Path folder) {
        Path parent = folder.toAbsolutePath().normalize().getParent();
        if (parent == null) {
            return Optional.empty();
        }
        try {
            Path file = parent.resolve("build-version");
            if (Files.isRegularFile(file)) {
                return Optional.of(Files.readString(file).strip());
            }
            Path module = parent.resolve("version.py");
            if (Files.isRegularFile(module)) {
                return VERSION_PY
                        .matcher(Files.readString(module))
                        .results()
                        .map(match -> match.group(1))
                        .findFirst();
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new EngineStartException(
                    "cannot read the version of the PyTorch library in " + folder + ": " + e.getMessage(), e);
        }
    }

    private static EngineStartException bad(Path folder, String reason) {
        return new EngineStartException("PYTORCH_LIBRARY_PATH: " + folder + " " + reason + " (docs/gpu.md)");
    }
}
