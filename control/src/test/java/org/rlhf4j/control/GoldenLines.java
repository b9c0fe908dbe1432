package org.rlhf4j.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Lines of the golden files under {@code src/test/resources/golden}, made by the scripts under {@code src/test/golden}. */
public final class GoldenLines {
    private GoldenLines() {}

    /** The lines of a file, each split at the separator. */
    public static List<String[]> of(String file, String separator) {
        String path = "/golden/" + file;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(GoldenLines.class.getResourceAsStream(path), path), StandardCharsets.UTF_8))) {
            return lines.lines().map(line -> line.split(separator, -1)).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
