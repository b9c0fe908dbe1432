package org.rlhf4j.lm;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;

/**
 * Where the weights of a model are.
 *
 * @param model the directory with its configuration and its weights
 * @param name what an adapter calls it: an absolute path, or a name of the hub where the directory is in its cache
 * @param revision of a model of the hub
 * @param adapter on top of it, or null for none
 */
record ModelLocation(
        Path model,
        String name,
        Optional<String> revision,
        @Nullable AdapterDirectory adapter) {
    private static final Pattern CACHED = Pattern.compile(".*[/\\\\]models--(.+)[/\\\\]snapshots[/\\\\]([0-9a-f]{40})");

    /**
     * That of the model in a directory, or under the adapter in a directory.
     *
     * @param base the model under the adapter; null to find it by what the adapter says
     */
    static ModelLocation of(Path directory, @Nullable Path base) {
        Path within = directory.resolve("model");
        if (!isModel(directory) && isModel(within)) {
            throw new DataFormatException(
                    directory.toString(), 0, "holds no " + ModelFiles.CONFIG + ": did you mean " + within + "?");
        }
        if (AdapterDirectory.is(directory)) {
            AdapterDirectory adapter = AdapterDirectory.open(directory);
            return named(adapter.base(base), adapter);
        }
        if (base != null) {
            throw new DataFormatException(directory.toString(), 0, "is no adapter, so there is no base to name for it");
        }
        return named(directory, null);
    }

    private static boolean isModel(Path directory) {
        return Files.exists(directory.resolve(ModelFiles.CONFIG)) || AdapterDirectory.is(directory);
    }

    private static ModelLocation named(Path model, @Nullable AdapterDirectory adapter) {
        String path = model.toAbsolutePath().normalize().toString();
        Matcher cached = CACHED.matcher(path);
        return cached.matches()
                ? new ModelLocation(model, cached.group(1).replace("--", "/"), Optional.of(cached.group(2)), adapter)
                : new ModelLocation(model, path, Optional.empty(), adapter);
    }
}
