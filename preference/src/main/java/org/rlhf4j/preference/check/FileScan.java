package org.rlhf4j.preference.check;

import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.UnpairedPreference;

/** The rules about the rows of one file together: counts, whatever the order of the rows. */
final class FileScan {
    /** With fewer rows, all of one kind is no wonder: one in half a million for 20 fair coins. */
    private static final int MIN_ROWS = 20;

    private long longerChosen;
    private long shorterChosen;
    private long desirable;
    private long undesirable;

    /** Counts one row. */
    void add(Row row) {
        if (row instanceof PreferencePair pair && !pair.isTie()) {
            Double probability = pair.probability();
            long order = Long.compare(length(pair.chosen()), length(pair.rejected()));
            boolean asWritten = probability == null || probability > 0.5;
            longerChosen += order != 0 && (order > 0) == asWritten ? 1 : 0;
            shorterChosen += order != 0 && (order > 0) != asWritten ? 1 : 0;
        } else if (row instanceof UnpairedPreference judged) {
            desirable += judged.label() ? 1 : 0;
            undesirable += judged.label() ? 0 : 1;
        }
    }

    /** What is wrong with the file as a whole. */
    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        if (isOneSided(longerChosen, shorterChosen)) {
            String all = longerChosen > 0 ? "the longer" : "the shorter";
            problems.add(new Problem(
                    Rule.ONE_LENGTH_ORDER,
                    all + " completion is chosen in all of " + (longerChosen + shorterChosen)
                            + " pairs of different length"));
        }
        if (isOneSided(desirable, undesirable)) {
            problems.add(new Problem(
                    Rule.ONE_LABEL, "all of " + (desirable + undesirable) + " rows have the label " + (desirable > 0)));
        }
        return problems;
    }

    private static boolean isOneSided(long one, long other) {
        return one + other >= MIN_ROWS && (one == 0 || other == 0);
    }

    private static long length(Content content) {
        if (content instanceof Content.Text text) {
            return text.text().length();
        }
        return ((Content.Chat) content)
                .messages().stream()
                        .map(Message::content)
                        .mapToLong(String::length)
                        .sum();
    }
}
