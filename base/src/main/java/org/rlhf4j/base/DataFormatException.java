package org.rlhf4j.base;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Input that cannot be used, with the place where it stands: the message is {@code file:line: reason}, on one line, control
 * characters of the reason as spaces.
 *
 * <p>Every reader of RLHF4J throws this and nothing else for bad input: malformed JSON, a missing field, a truncated
 * archive, a file that is not there.
 */
public final class DataFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long line;
    private final String reason;

    /**
     * A problem at a line of a file.
     *
     * @param file the file as the user named it; empty when there is none
     * @param line the line, counted from 1; 0 when no line applies
     * @param reason what is wrong and what would be right, without the place
     */
    public DataFormatException(String file, long line, String reason) {
        this(file, line, reason, null);
    }

    /**
     * A problem with the exception that revealed it.
     *
     * @param file the file as the user named it; empty when there is none
     * @param line the line, counted from 1; 0 when no line applies
     * @param reason what is wrong and what would be right, without the place
     * @param cause the exception behind it, or null
     */
    public DataFormatException(String file, long line, String reason, @Nullable Throwable cause) {
        super(message(file, line, oneLine(reason)), cause);
        this.file = file;
        this.line = line;
        this.reason = oneLine(reason);
    }

    /**
     * A problem whose place is not known yet; {@link #at(String, long)} adds it.
     *
     * @param reason what is wrong and what would be right
     */
    public DataFormatException(String reason) {
        this("", 0, reason, null);
    }

    /**
     * The same problem with its place filled in; what is known already stays.
     *
     * @param otherFile the file, used when this exception names none
     * @param otherLine the line, used when this exception names none
     * @return this exception when nothing is missing, otherwise a copy with the same cause and stack trace
     */
    public DataFormatException at(String otherFile, long otherLine) {
        String newFile = file.isEmpty() ? otherFile : file;
        long newLine = line == 0 ? otherLine : line;
        if (newFile.equals(file) && newLine == line) {
            return this;
        }
        DataFormatException located = new DataFormatException(newFile, newLine, reason, getCause());
        located.setStackTrace(getStackTrace());
        return located;
    }

    /** The file as the user named it; empty when there is none. */
    public String file() {
        return file;
    }

    /** The line, counted from 1; 0 when no line applies. */
    public long line() {
        return line;
    }

    /** What is wrong, without the place. */
    public String reason() {
        return reason;
    }

    /** Names in damaged data may hold anything; none of it ends the line or steers a terminal. */
    private static String oneLine(String reason) {
        Objects.requireNonNull(reason, "reason");
        boolean plain = reason.chars().noneMatch(DataFormatException::steers);
        if (plain) {
            return reason;
        }
        StringBuilder line = new StringBuilder(reason.length());
        reason.chars().forEach(c -> line.append(steers(c) ? ' ' : (char) c));
        return line.toString();
    }

    private static boolean steers(int c) {
        return Character.isISOControl(c) || c == 0x2028 || c == 0x2029;
    }

    private static String message(String file, long line, String reason) {
        if (line < 0) {
            throw new IllegalArgumentException("line is " + line + ", must not be negative");
        }
        String place = file;
        if (line > 0) {
            place = place.isEmpty() ? "line " + line : place + ":" + line;
        }
        return place.isEmpty() ? reason : place + ": " + reason;
    }
}
