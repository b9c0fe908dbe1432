package org.rlhf4j.cli.world;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Permutation;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.base.Storage;

/**
 * The bundled data of the text world, and its generator: the same files, byte for byte, on every machine.
 *
 * <p>The 220 trios of ingredients are split first: 44 belong to the test, so that no trio of a test prompt occurs in
 * training in any order or with any way of cooking. Row i of a part is drawn from
 * {@code SeededStream.of(SEED, "kitchen", part).child(i)}: its completions first, then the noise of its ranking.
 */
public final class WorldData {
    /** Seed of everything in the files. */
    public static final long SEED = 1;

    /** Temperature of the noise in the rankings, in points of true reward. */
    public static final double TEMPERATURE = 1;

    /** Completions a ranking. */
    public static final int COMPLETIONS = 4;

    /** Rankings to train on. */
    public static final int TRAIN_ROWS = 3000;

    /** Rankings to test on: 3,000 pairs. */
    public static final int TEST_ROWS = 500;

    /** Rankings to choose settings by. */
    public static final int VALIDATION_ROWS = 300;

    /** Name of the rankings to train on. */
    public static final String TRAIN = "train-rankings.jsonl";

    /**
     * Name of the rankings to choose settings by: their trios occur in training, their prompts do not.
     */
    public static final String VALIDATION = "validation-rankings.jsonl";

    /** Name of the rankings to test on. */
    public static final String TEST = "test-rankings.jsonl";

    private static final int TEST_TRIOS = 44;

    private WorldData() {}

    /** Names of the tokenizer's files. */
    public static Set<String> tokenizerFiles() {
        return WorldTokenizer.files().keySet();
    }

    /**
     * Makes the files anew.
     *
     * @return content by name: the rankings and the tokenizer's files
     */
    public static Map<String, byte[]> generate() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        List<KitchenOrder> training = orders(false);
        List<KitchenOrder> beyond = training.subList(TRAIN_ROWS, TRAIN_ROWS + VALIDATION_ROWS);
        files.put(TRAIN, rankings("train", training.subList(0, TRAIN_ROWS)));
        files.put(VALIDATION, rankings("validation", beyond));
        files.put(TEST, rankings("test", orders(true).subList(0, TEST_ROWS)));
        WorldTokenizer.files().forEach((name, text) -> files.put(name, text.getBytes(StandardCharsets.UTF_8)));
        return files;
    }

    private static byte[] rankings(String part, List<KitchenOrder> orders) {
        TextWorld world = new TextWorld();
        SeededStream streams = SeededStream.of(SEED, "kitchen", part);
        StringBuilder lines = new StringBuilder();
        for (int row = 0; row < orders.size(); row++) {
            KitchenOrder order = orders.get(row);
            SeededStream stream = streams.child(row);
            List<String> completions = world.candidates(order, COMPLETIONS, stream);
            lines.append(Json.write(
                            world.rank(order, completions, TEMPERATURE, stream).toJson()))
                    .append('\n');
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * All orders of one part, shuffled: 1,056 for the test, 4,224 for training; the files hold the first of them.
     *
     * @param test whether those of the test are wanted
     */
    public static List<KitchenOrder> orders(boolean test) {
        List<KitchenOrder> all = KitchenOrder.all();
        List<Set<String>> trios =
                all.stream().map(KitchenOrder::trio).distinct().toList();
        int[] shuffled = Permutation.of(trios.size(), SEED, 0);
        Set<Set<String>> testTrios = new HashSet<>();
        for (int i = 0; i < TEST_TRIOS; i++) {
            testTrios.add(trios.get(shuffled[i]));
        }
        List<KitchenOrder> part = all.stream()
                .filter(order -> testTrios.contains(order.trio()) == test)
                .toList();
        List<KitchenOrder> orders = new ArrayList<>();
        for (int i : Permutation.of(part.size(), SEED, test ? 1 : 2)) {
            orders.add(part.get(i));
        }
        return List.copyOf(orders);
    }

    /**
     * The bundled copy of a file.
     *
     * @param name one of {@link #TRAIN}, {@link #VALIDATION}, {@link #TEST}, {@link #tokenizerFiles()}, or the data card {@code README.md}
     * @throws IOException if it cannot be read
     */
    public static byte[] bundled(String name) throws IOException {
        try (InputStream in = WorldData.class.getResourceAsStream("/data/world/" + name)) {
            if (in == null) {
                throw new IOException("data/world/" + name + " is not bundled");
            }
            return in.readAllBytes();
        }
    }

    /**
     * Copies bundled files into a directory.
     *
     * @param storage does the writing
     * @param names as for {@link #bundled(String)}
     * @param directory where to; must exist
     * @throws IOException if they cannot be read or written
     */
    public static void copy(Storage storage, Iterable<String> names, Path directory) throws IOException {
        for (String name : names) {
            storage.writeAtomically(directory.resolve(name), bundled(name));
        }
    }

    /**
     * Writes the files anew.
     *
     * @param args the directory
     * @throws IOException if they cannot be written
     */
    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            throw new IllegalArgumentException("one argument is needed: the directory to write to");
        }
        Path directory = Path.of(args[0]);
        Files.createDirectories(directory);
        for (Map.Entry<String, byte[]> file : generate().entrySet()) {
            Storage.disk().writeAtomically(directory.resolve(file.getKey()), file.getValue());
        }
    }
}
