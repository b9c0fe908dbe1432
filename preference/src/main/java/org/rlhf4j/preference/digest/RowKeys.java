package org.rlhf4j.preference.digest;

import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;

/** What two rows have in common when they are "the same": as digests. */
public final class RowKeys {
    private RowKeys() {}

    /**
     * The prompt. Of a conversation without a marked prompt it is what stands before the assistant's first turn; of
     * plain text it is the text.
     */
    public static Digest prompt(Row row) {
        Content prompt = row.prompt();
        if (prompt != null) {
            return Digest.of(prompt);
        }
        if (row instanceof Demonstration whole && whole.completion() instanceof Content.Chat chat) {
            List<Message> opening = chat.messages().stream()
                    .takeWhile(message -> !message.role().equals("assistant"))
                    .toList();
            return Digest.of(opening.isEmpty() ? chat : Content.of(opening));
        }
        if (row instanceof Demonstration whole) {
            return Digest.of(whole.completion());
        }
        throw new IllegalStateException("only demonstrations may lack a prompt");
    }

    /**
     * What the row says: texts and their order or its probability. Names, margins and weights do not count, nor in which
     * order a ranking lists its texts.
     */
    public static Digest row(Row row, Digest prompt) {
        Digest.Builder builder =
                new Digest.Builder("row").add(row.kind().plural()).add(prompt);
        if (row instanceof PreferencePair pair) {
            Double probability = pair.probability();
            builder.add(Digest.of(pair.chosen())).add(Digest.of(pair.rejected()));
            builder.add(Double.doubleToLongBits(probability == null ? 1.0 : probability));
        } else if (row instanceof Demonstration demonstration) {
            builder.add(Digest.of(demonstration.completion()));
        } else if (row instanceof Ranking ranking) {
            for (List<Digest> level : levels(ranking)) {
                builder.add(level.size());
                level.stream().sorted().forEach(builder::add);
            }
        } else if (row instanceof PartialOrder order) {
            addOrder(builder, order);
        }
        return builder.build();
    }

    /** The texts and what is preferred to what, however much of it is given and how much follows. */
    private static void addOrder(Digest.Builder builder, PartialOrder order) {
        List<Digest> texts = texts(order);
        texts.stream().sorted().forEach(builder::add);
        List<Digest> pairs = new ArrayList<>();
        for (PartialOrder.Implied pair : order.closure()) {
            if (pair.distance() == 1) {
                pairs.add(new Digest.Builder("over")
                        .add(texts.get(pair.better()))
                        .add(texts.get(pair.worse()))
                        .build());
            }
        }
        pairs.stream().sorted().forEach(builder::add);
    }

    /** The digests of a partial order's texts, in the order of the data. */
    public static List<Digest> texts(PartialOrder order) {
        return order.completions().stream()
                .map(completion -> Digest.of(completion.text()))
                .toList();
    }

    /** The digests of a ranking's texts, by level from the best. */
    public static List<List<Digest>> levels(Ranking ranking) {
        List<List<Digest>> levels = new ArrayList<>();
        for (List<RankedCompletion> level : ranking.levels()) {
            levels.add(level.stream()
                    .map(completion -> Digest.of(completion.text()))
                    .toList());
        }
        return levels;
    }

    /** Two completions of a prompt, whichever is named first. */
    public static Digest unordered(Digest prompt, Digest a, Digest b) {
        boolean ordered = a.compareTo(b) <= 0;
        return new Digest.Builder("two")
                .add(prompt)
                .add(ordered ? a : b)
                .add(ordered ? b : a)
                .build();
    }
}
