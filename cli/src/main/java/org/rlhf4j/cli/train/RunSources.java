package org.rlhf4j.cli.train;

import java.nio.file.Path;
import java.util.List;

/**
 * What a run is made from, for its provenance.
 *
 * @param seed of everything random
 * @param data files that rows are read from
 * @param model what it starts from: files, or directories whose files count
 */
public record RunSources(long seed, List<Path> data, List<Path> model) {
    /** Copies the lists. */
    public RunSources {
        data = List.copyOf(data);
        model = List.copyOf(model);
    }
}
