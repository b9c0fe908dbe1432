package org.rlhf4j.cli.train;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.core.run.RunDirectory;

/**
 * Options of training commands that no setting in {@code config.yaml} stands for, and that hold for a run as long as it lasts:
 * they are found in the command that {@code provenance.json} has.
 */
public final class StandingOptions {
    /** Where code comes from and where it runs. */
    public static final Set<String> SURROUNDINGS = Set.of("--plugins", "--device");

    private static final Set<String> CHECKPOINTS =
            Set.of("--checkpoint-minutes", "--checkpoint-steps", "--keep-checkpoints", "--fail-on-checkpoint-error");
    private static final Set<String> WITHOUT_VALUE = Set.of("--fail-on-checkpoint-error");

    private StandingOptions() {}

    /**
     * Those of some names in a command, with their values, as they were typed.
     *
     * @param words the command, word by word
     * @param names such as {@link #SURROUNDINGS}
     */
    public static List<String> in(List<String> words, Set<String> names) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String name = name(words.get(i));
            if (names.contains(name)) {
                found.add(words.get(i));
                boolean valueFollows = !words.get(i).contains("=") && !WITHOUT_VALUE.contains(name);
                if (valueFollows && i + 1 < words.size()) {
                    found.add(words.get(++i));
                }
            }
        }
        return found;
    }

    /**
     * A command that goes on with a run, with the standing options that it does not give again.
     *
     * @param args as typed
     * @return the same where it does not go on with a run, or where nothing is known of it
     */
    public static String[] completed(String... args) {
        List<String> given = Arrays.asList(args);
        String out = value(given, "--out");
        if (!given.contains("--resume") || out.isEmpty()) {
            return args;
        }
        List<String> completed = new ArrayList<>(given);
        List<String> names = given.stream().map(StandingOptions::name).toList();
        for (Set<String> group : List.of(SURROUNDINGS, CHECKPOINTS)) {
            for (String name : group) {
                if (!names.contains(name)) {
                    completed.addAll(in(command(Path.of(out)), Set.of(name)));
                }
            }
        }
        return completed.toArray(String[]::new);
    }

    private static List<String> command(Path run) {
        Path provenance = run.resolve(RunDirectory.PROVENANCE);
        List<String> words = new ArrayList<>();
        if (Files.isRegularFile(provenance)) {
            try {
                JsonNode origins = Json.read(provenance);
                JsonNode resumed = origins.path("resumed");
                // One that went on took over what held before.
                JsonNode latest = resumed.isEmpty() ? origins : resumed.get(resumed.size() - 1);
                latest.path("command").forEach(word -> words.add(word.asText()));
            } catch (DataFormatException e) {
                // The command reads it again, and says what is wrong with it.
                return List.of();
            }
        }
        return words;
    }

    private static String value(List<String> words, String name) {
        List<String> found = in(words, Set.of(name));
        if (found.isEmpty()) {
            return "";
        }
        String last = found.get(found.size() - 1);
        return last.startsWith(name + "=") ? last.substring(name.length() + 1) : last;
    }

    private static String name(String word) {
        return word.split("=", 2)[0];
    }
}
