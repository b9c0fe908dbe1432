package org.rlhf4j.preference.clean;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.digest.Digest;

/** Gives groups of rows, which come in the order of their keys, to parts of given sizes; what is left is trained on. */
final class SplitChoice {
    /** What is in no part. */
    static final int TRAIN = -1;

    private final List<Part> parts = new ArrayList<>();
    private final Set<Digest> tooLarge = new HashSet<>();
    private @Nullable Digest current;
    private long currentRows;
    private long rows;
    private long groups;
    private int filling;

    private static final class Part {
        private final long target;
        private @Nullable Digest last;
        private long rows;
        private long groups;

        Part(long target) {
            this.target = target;
        }
    }

    /** Parts of so many rows each, to be filled one after the other. */
    SplitChoice(List<Long> targets) {
        targets.forEach(target -> parts.add(new Part(target)));
    }

    /** The next row. */
    void row(boolean first, Digest key) {
        if (first) {
            endOfGroup();
            current = key;
        }
        currentRows++;
        rows++;
    }

    /** To be called after the last row. */
    void endOfGroup() {
        Digest group = current;
        if (group == null) {
            return;
        }
        groups++;
        while (filling < parts.size() && !take(parts.get(filling), group)) {
            filling++;
        }
        current = null;
        currentRows = 0;
    }

    /** Whether a group can be dealt with before the part is full. */
    private boolean take(Part part, Digest group) {
        if (currentRows > part.target) {
            tooLarge.add(group);
            return true;
        }
        if (part.rows + currentRows - part.target > part.target - part.rows) {
            return false;
        }
        part.last = group;
        part.rows += currentRows;
        part.groups++;
        return true;
    }

    /** Whether every part has a row, and something is left to train on. */
    boolean isComplete() {
        return parts.stream().allMatch(part -> part.rows > 0) && train().rows() > 0;
    }

    /** The part of a group, or {@link #TRAIN}. */
    int part(Digest key) {
        if (!tooLarge.contains(key)) {
            for (int i = 0; i < parts.size(); i++) {
                Digest last = parts.get(i).last;
                if (last != null && key.compareTo(last) <= 0) {
                    return i;
                }
            }
        }
        return TRAIN;
    }

    long rows() {
        return rows;
    }

    long groups() {
        return groups;
    }

    SplitReport.Part part(int i) {
        return new SplitReport.Part(parts.get(i).rows, parts.get(i).groups);
    }

    SplitReport.Part train() {
        return new SplitReport.Part(
                rows - parts.stream().mapToLong(part -> part.rows).sum(),
                groups - parts.stream().mapToLong(part -> part.groups).sum());
    }
}
