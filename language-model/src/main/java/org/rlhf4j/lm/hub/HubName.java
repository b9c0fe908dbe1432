package org.rlhf4j.lm.hub;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A model on the hub, {@code org/name} or {@code org/name@revision}; the oldest models have no organisation.
 *
 * @param repository {@code org/name}
 * @param revision a branch, a tag or a commit
 */
public record HubName(String repository, String revision) {
    /** The revision when none is given. */
    public static final String MAIN = "main";

    private static final Pattern REPOSITORY = Pattern.compile("(?:\\b[\\w.-]{1,96}\\b/)?\\b[\\w.-]{1,96}\\b");
    private static final Pattern REVISION = Pattern.compile("[\\w.+-]+(?:/[\\w.+-]+)*");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /**
     * Checks both parts.
     *
     * @throws IllegalArgumentException if one of them can be no name on the hub
     */
    public HubName {
        if (!isRepository(repository)) {
            throw new IllegalArgumentException("\"" + repository + "\" is no name of a model on the hub (org/name)");
        }
        if (!isRevision(revision)) {
            throw new IllegalArgumentException(
                    "\"" + revision + "\" is no branch, tag or commit of " + repository + " on the hub");
        }
    }

    /**
     * Reads {@code org/name} or {@code org/name@revision}.
     *
     * @return nothing where the text can be no such name
     */
    public static Optional<HubName> parse(String text) {
        int at = text.indexOf('@');
        String repository = at < 0 ? text : text.substring(0, at);
        String revision = at < 0 ? MAIN : text.substring(at + 1);
        return isRepository(repository) && isRevision(revision)
                ? Optional.of(new HubName(repository, revision))
                : Optional.empty();
    }

    /** As {@link #parse(String)} for what was read as a path. */
    public static Optional<HubName> parse(Path path) {
        return path.isAbsolute() ? Optional.empty() : parse(path.toString().replace('\\', '/'));
    }

    private static boolean isRepository(String text) {
        return REPOSITORY.matcher(text).matches()
                && !text.contains("--")
                && !text.contains("..")
                && !text.endsWith(".git");
    }

    /** As git has it, and no way out of the directory in which the cache keeps it. */
    private static boolean isRevision(String text) {
        return REVISION.matcher(text).matches() && !text.contains("..") && !("/" + text).contains("/.");
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    @Override
    public String toString() {
        return revision.equals(MAIN) ? repository : repository + "@" + revision;
    }
}
