package org.rlhf4j.core.config;

/**
 * Settings that cannot be used: an unknown key, a value of the wrong kind or out of range. The message is one line that
 * begins with where the value stands ({@code run.yaml:7}, {@code --set training.seed=x}) and names the key.
 */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * A problem.
     *
     * @param origin where the value stands; empty when nowhere
     * @param problem what is wrong and what would be right, naming the key
     */
    public ConfigException(String origin, String problem) {
        // Keys and values come from files: a line break in one must not break the message.
        super((origin.isEmpty() ? problem : origin + ": " + problem).replaceAll("\\R", " "));
    }
}
