package org.rlhf4j.preference.read;

/**
 * A file that was read.
 *
 * @param file the file as the user named it
 * @param container what the file is, such as {@code JSON Lines}; empty where that is not known
 * @param format the name of its format, or {@code unknown}
 * @param evidence what the format was told from, as a clause; empty where it is unknown
 * @param rows how many rows it has, bad ones too
 */
public record FileSummary(String file, String container, String format, String evidence, long rows) {}
