package org.rlhf4j.core.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Storage;

/**
 * What a file was when a run read it.
 *
 * @param path as the user named it
 * @param bytes its size
 * @param sha256 of its content, 64 hexadecimal digits
 */
public record FileFingerprint(String path, long bytes, String sha256) {

    /**
     * That of one file, now.
     *
     * @throws DataFormatException if it cannot be read
     */
    public static FileFingerprint of(Path file) {
        try {
            return new FileFingerprint(file.toString(), Files.size(file), Storage.sha256(file));
        } catch (NoSuchFileException e) {
            throw new DataFormatException(file.toString(), 0, "there is no such file, and the run is made from it", e);
        } catch (IOException e) {
            throw new DataFormatException(file.toString(), 0, "cannot be read for its checksum", e);
        }
    }

    /**
     * Those of a file, or of all files directly in a directory, by name.
     *
     * @throws DataFormatException if one cannot be read
     */
    public static List<FileFingerprint> ofAll(Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(of(path));
        }
        List<FileFingerprint> fingerprints = new ArrayList<>();
        try (Stream<Path> entries = Files.list(path)) {
            entries.filter(Files::isRegularFile).sorted().forEach(file -> fingerprints.add(of(file)));
        } catch (IOException e) {
            throw new DataFormatException(path.toString(), 0, "cannot be listed", e);
        }
        return fingerprints;
    }
}
