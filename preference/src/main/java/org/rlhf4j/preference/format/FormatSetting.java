package org.rlhf4j.preference.format;

/**
 * A choice that a format leaves to the user.
 *
 * @param name the name on the command line, such as {@code min-score-ratio}
 * @param meaning one line for people, with the values it takes
 * @param standard the value where none is given
 */
public record FormatSetting(String name, String meaning, String standard) {}
