package org.rlhf4j.preference;

/**
 * A file that was read.
 *
 * @param file the file as the user named it
 * @param format the name of its format, or {@code unknown}
 * @param evidence what the format was told from, as a clause; empty where it is unknown
 * @param rows how many rows it has, bad ones too
 */
public record FileSummary(String file, String format, String evidence, long rows) {}
