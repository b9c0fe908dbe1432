package org.rlhf4j.preference.clean;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.digest.DigestSort;
import org.rlhf4j.preference.digest.RowKeys;

/** Keeps the first of the rows that say the same, or nearly. */
final class Dedup extends RowFilter {
    private static final String NEAR = "near";

    static final List<StepParameter> PARAMETERS = parameters();

    private final boolean exact;
    private final boolean promptOnly;
    private final DigestSort rows = new DigestSort();
    private final Repeats repeats = new Repeats();
    private final BitSet throughOthers = new BitSet();
    private final @Nullable NearDuplicates near;

    Dedup(StepSettings settings) {
        exact = settings.text("by").equals("exact");
        promptOnly = settings.text("scope").equals("prompt");
        near = settings.text("by").equals(NEAR) ? new NearDuplicates(NearSettings.of(settings)) : null;
    }

    private static List<StepParameter> parameters() {
        List<StepParameter> all = new ArrayList<>();
        all.add(StepParameter.choice(
                "by",
                "when rows are the same: as they are, once normalised, or when they are nearly the same then",
                "exact",
                "normalised",
                NEAR));
        all.add(StepParameter.choice(
                "scope", "what must be the same: all that a row says, or its prompt", "row", "prompt"));
        NearSettings.PARAMETERS.forEach(parameter -> all.add(parameter.onlyWith("by=" + NEAR)));
        return List.copyOf(all);
    }

    @Override
    boolean looksFirst() {
        return true;
    }

    @Override
    void look(int number, Located<Row> row) {
        if (near == null) {
            rows.add(key(row.value()), number);
        } else if (promptOnly) {
            near.add(List.of(new RowTexts.Part("prompt", RowTexts.normalPrompt(row.value()))));
        } else {
            near.add(RowTexts.normalParts(row.value()));
        }
    }

    private Digest key(Row row) {
        if (exact) {
            return promptOnly ? RowKeys.prompt(row) : RowKeys.of(row).row();
        }
        Digest.Builder key = new Digest.Builder("normalised");
        if (promptOnly) {
            return key.add(RowTexts.normalPrompt(row)).build();
        }
        for (RowTexts.Part part : RowTexts.normalParts(row)) {
            key.add(part.name()).add(part.text());
        }
        // Two annotators who say the same are two judgements.
        String annotator = row.origin().annotator();
        if (annotator != null) {
            key.add("annotator").add(annotator);
        }
        return key.build();
    }

    @Override
    void decide() {
        if (near != null) {
            Clusters clusters = near.find();
            for (int number = 0; number < clusters.size(); number++) {
                int first = clusters.first(number);
                if (first != number) {
                    repeats.add(number, first);
                    throughOthers.set(number, !near.near(first, number));
                }
            }
            return;
        }
        int[] original = new int[1];
        rows.forEach((first, key, number) -> {
            if (first) {
                original[0] = (int) number;
            } else {
                repeats.add((int) number, original[0]);
            }
        });
    }

    @Override
    @Nullable
    Removed judge(int number, Located<Row> row) {
        String original = repeats.judge(number, row);
        if (original == null) {
            return null;
        }
        if (throughOthers.get(number)) {
            String what = promptOnly ? "its prompt belongs with that of " : "belongs with ";
            return new Removed(
                    "near-duplicate",
                    what + original + ", which it is not nearly like itself, by a chain of rows that are");
        }
        if (near != null) {
            return new Removed(
                    "near-duplicate",
                    promptOnly ? "has nearly the prompt of " + original : "says nearly what " + original + " says");
        }
        return new Removed("duplicate", (promptOnly ? "has the prompt of " : "repeats ") + original);
    }

    @Override
    public void close() {
        rows.close();
        if (near != null) {
            near.close();
        }
    }
}
