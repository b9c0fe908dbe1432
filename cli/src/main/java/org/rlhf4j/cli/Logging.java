package org.rlhf4j.cli;

/** Keeps the chatter of DJL and its native libraries out of the terminal. */
final class Logging {
    private Logging() {}

    /**
     * Sets the level of every logger; must run before the first logger exists.
     *
     * @param verbose whether the libraries may speak
     */
    static void quiet(boolean verbose) {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", verbose ? "info" : "off");
        System.setProperty("org.slf4j.simpleLogger.logFile", "System.err");
    }
}
