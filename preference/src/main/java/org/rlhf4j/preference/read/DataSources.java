package org.rlhf4j.preference.read;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.rlhf4j.base.DataFormatException;

/**
 * What a user named, as files: a file, a directory or a glob.
 *
 * <p>Of a directory its own data files are taken, told by the end of their names and in the order of their names; so are
 * the shards of a data set of the Hugging Face hub ({@code train-00000-of-00002.parquet}) read in their order. Left out are
 * hidden files, those of directories within, and what {@code datasets} writes about the data ({@code dataset_info.json} and
 * the like). A glob ({@code *}, {@code **}, {@code ?}, {@code [abc]}, {@code {a,b}}) takes every file that it matches,
 * hidden ones left out.
 */
public final class DataSources {
    private static final Pattern DATA_FILE =
            Pattern.compile(".*\\.((jsonl|json|ndjson|csv|tsv)(\\.gz|\\.zst)?|parquet)");
    private static final Pattern GLOB = Pattern.compile("[*?\\[{]");
    private static final Set<String> ABOUT_DATA =
            Set.of("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json");
    private static final int MAX_DEPTH = 32;

    private DataSources() {}

    /**
     * The files that a name stands for.
     *
     * @param name a file, a directory or a glob
     * @return at least one file; a name that is none of the three is taken for that of a file, which is missing
     * @throws DataFormatException if a directory holds no data file, or a glob matches none
     */
    public static List<DataSource> of(String name) {
        Path path = Path.of(name);
        if (Files.isDirectory(path)) {
            return inDirectory(path);
        }
        return Files.exists(path) || !GLOB.matcher(name).find() ? List.of(new DataSource.File(path)) : matching(name);
    }

    /**
     * What a name stands for as one source, its files one after the other.
     *
     * @param name a file, a directory or a glob
     * @return the source
     * @throws DataFormatException if a directory holds no data file, or a glob matches none
     */
    public static DataSource joined(String name) {
        List<DataSource> files = of(name);
        return files.size() == 1 ? files.get(0) : new DataSource.Joined(name, files);
    }

    private static List<DataSource> inDirectory(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            List<DataSource> found = sources(files.filter(DataSources::isData));
            if (found.isEmpty()) {
                throw new DataFormatException(
                        directory.toString(),
                        0,
                        "is a directory without data files of its own (.jsonl, .json, .csv or .tsv, also with .gz or .zst, or"
                                + " .parquet); a glob such as " + directory.resolve("**.parquet")
                                + " also looks into directories within");
            }
            return found;
        } catch (IOException e) {
            throw new DataFormatException(directory.toString(), 0, "cannot be listed: " + e.getMessage(), e);
        }
    }

    private static boolean isData(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return !isHidden(file)
                && !ABOUT_DATA.contains(name)
                && DATA_FILE.matcher(name).matches();
    }

    private static List<DataSource> matching(String glob) {
        Path base = base(glob);
        try (Stream<Path> tree = Files.walk(base, MAX_DEPTH, FileVisitOption.FOLLOW_LINKS)) {
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
            List<DataSource> found = sources(tree.filter(file -> matcher.matches(file) && !isHiddenBelow(base, file)));
            if (found.isEmpty()) {
                throw new DataFormatException(glob, 0, "matches no file");
            }
            return found;
        } catch (PatternSyntaxException e) {
            throw new DataFormatException(glob, 0, "is no glob: " + e.getDescription(), e);
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new DataFormatException(glob, 0, "matches no file that can be read: " + e.getMessage(), e);
        }
    }

    /** The directory above the first part that is a pattern. */
    private static Path base(String glob) {
        int pattern = GLOB.splitAsStream(glob).findFirst().orElse("").length();
        int slash = glob.lastIndexOf('/', pattern);
        return Path.of(slash < 0 ? "" : glob.substring(0, slash + 1));
    }

    private static List<DataSource> sources(Stream<Path> files) {
        List<DataSource> sources = new ArrayList<>();
        files.filter(Files::isRegularFile).sorted().forEach(file -> sources.add(new DataSource.File(file)));
        return sources;
    }

    private static boolean isHidden(Path file) {
        return String.valueOf(file.getFileName()).startsWith(".");
    }

    private static boolean isHiddenBelow(Path base, Path file) {
        for (Path part : base.toString().isEmpty() ? file : base.relativize(file)) {
            if (isHidden(part)) {
                return true;
            }
        }
        return false;
    }
}
