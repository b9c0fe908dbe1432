package org.rlhf4j.preference.digest;

import java.util.List;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.StepwiseSupervision;
import org.rlhf4j.preference.UnpairedPreference;

/**
 * What two rows have in common when they are "the same": as digests.
 *
 * @param prompt that of {@link #prompt(Row)}
 * @param texts the completions: of a pair the chosen one first, of a ranking by level from the best, of a partial order as
 *     they are listed
 * @param row what the row says: texts and their order or its probability. Names, margins and weights do not count, nor in
 *     which order a ranking lists its texts
 */
public record RowKeys(Digest prompt, List<Digest> texts, Digest row) {
    /** Copies the list. */
    public RowKeys {
        texts = List.copyOf(texts);
    }

    /** The keys of a row. */
    public static RowKeys of(Row row) {
        Digest prompt = prompt(row);
        List<Digest> texts =
                completions(row).stream().map(text -> Digest.of(text)).toList();
        return new RowKeys(prompt, texts, said(row, prompt, texts));
    }

    private static List<Content> completions(Row row) {
        if (row instanceof PreferencePair pair) {
            return List.of(pair.chosen(), pair.rejected());
        }
        if (row instanceof Ranking ranking) {
            return ranking.levels().stream()
                    .flatMap(List::stream)
                    .map(RankedCompletion::text)
                    .toList();
        }
        if (row instanceof PartialOrder order) {
            return order.completions().stream()
                    .map(PartialOrder.Completion::text)
                    .toList();
        }
        if (row instanceof UnpairedPreference judged) {
            return List.of(judged.completion());
        }
        if (row instanceof StepwiseSupervision steps) {
            return steps.completions().stream().map(Content::of).toList();
        }
        return row instanceof Demonstration whole ? List.of(whole.completion()) : List.of();
    }

    private static Digest said(Row row, Digest prompt, List<Digest> texts) {
        List<Digest> pairs = row instanceof PartialOrder order ? covering(order, texts) : List.of();
        Digest.Builder builder =
                new Digest.Builder("row").add(row.kind().plural()).add(prompt);
        // Two annotators who say the same are two judgements.
        String annotator = row.origin().annotator();
        if (annotator != null) {
            builder.add("annotator").add(annotator);
        }
        if (row instanceof Ranking ranking) {
            int at = 0;
            for (List<RankedCompletion> level : ranking.levels()) {
                builder.add(level.size());
                texts.subList(at, at + level.size()).stream().sorted().forEach(builder::add);
                at += level.size();
            }
            return builder.build();
        }
        (row instanceof PartialOrder ? texts.stream().sorted() : texts.stream()).forEach(builder::add);
        pairs.forEach(builder::add);
        if (row instanceof PreferencePair pair) {
            Double probability = pair.probability();
            builder.add(Double.doubleToLongBits(probability == null ? 1.0 : probability));
        } else if (row instanceof UnpairedPreference judged) {
            builder.add(judged.label() ? 1 : 0);
        } else if (row instanceof StepwiseSupervision steps) {
            steps.labels().forEach(label -> builder.add(label ? 1 : 0));
        }
        return builder.build();
    }

    /** What is preferred to what, however much of it is given and how much follows. */
    private static List<Digest> covering(PartialOrder order, List<Digest> texts) {
        return order.closure().stream()
                .filter(pair -> pair.distance() == 1)
                .map(pair -> new Digest.Builder("over")
                        .add(texts.get(pair.better()))
                        .add(texts.get(pair.worse()))
                        .build())
                .sorted()
                .toList();
    }

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
