package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.RowRules;
import org.rlhf4j.preference.Rule;

/**
 * What annotators answered in Argilla about the texts of one record. An answer compares texts when it is a ranking of
 * their names, the name of the better one, or one of several ratings whose questions are named after the texts, as in
 * {@code response1-rating}. Names are compared by their letters and digits, so {@code Response 1} is {@code response1}.
 */
final class Answers {
    private static final Pattern NOT_IN_NAMES = Pattern.compile("[^\\p{L}\\p{Nd}]+");
    private static final List<String> PROMPTS = List.of("prompt", "instruction", "input", "question");

    /**
     * One answer.
     *
     * @param question the name of the question
     * @param user who answered; null where the data do not say
     * @param value the answer
     */
    private record Answer(String question, @Nullable String user, JsonNode value) {}

    private final RowFields fields;
    private final Map<String, String> textNames = new LinkedHashMap<>();
    private final Map<String, Content> texts = new LinkedHashMap<>();
    private final Map<String, List<Answer>> byUser = new LinkedHashMap<>();

    Answers(RowFields fields) {
        this.fields = fields;
    }

    static String key(String name) {
        return NOT_IN_NAMES.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("");
    }

    /** Adds a field of the record; one that is neither a string nor a list of messages is none to compare. */
    void text(String name, JsonNode value) {
        try {
            texts.put(key(name), Content.fromJson(Cells.messages(value), name));
            textNames.put(key(name), name);
        } catch (DataFormatException e) {
            // Numbers and images stand there too; a ranking that names one is refused for that.
            return;
        }
    }

    /** Adds an answer; one that was not submitted is left out. */
    void answer(String question, @Nullable JsonNode user, @Nullable JsonNode status, @Nullable JsonNode value) {
        if (status != null && status.isTextual() && !status.textValue().equals("submitted")) {
            fields.problems()
                    .add(Rule.NOTHING_COMPARED, "an answer is left out: it is " + Excerpt.of(status.textValue()));
        } else if (value != null && !value.isNull()) {
            String name = user == null || user.isNull() || user.isContainerNode() ? null : user.asText();
            byUser.computeIfAbsent(String.valueOf(name), key -> new ArrayList<>())
                    .add(new Answer(question, name, value));
        }
    }

    /**
     * Ends the record: a ranking for each annotator and question that compares.
     *
     * @param id the name of the record, or null
     * @param promptField the name of the field that is the prompt; empty to look for one
     * @param used told the name of each field that was used
     */
    ParsedRow end(@Nullable String id, String promptField, Consumer<String> used) {
        String prompt = promptField.isEmpty()
                ? PROMPTS.stream().filter(texts::containsKey).findFirst().orElse("")
                : key(promptField);
        if (!texts.containsKey(prompt)) {
            fields.problems()
                    .add(
                            Rule.MISSING_FIELD,
                            "no field is known to be the prompt among " + textNames.values()
                                    + "; name it with --with prompt-field=NAME");
            return fields.refused();
        }
        used.accept(String.valueOf(textNames.get(prompt)));
        List<Ranking> rankings = new ArrayList<>();
        for (List<Answer> answers : byUser.values()) {
            TreeMap<String, Double> ratings = new TreeMap<>();
            Answer last = answers.get(answers.size() - 1);
            for (Answer answer : answers) {
                Map<String, Double> places = places(answer, ratings, prompt);
                add(rankings, places, false, prompt, origin(id, answer));
            }
            add(rankings, ratings, true, prompt, origin(id, last));
        }
        textNames.forEach((key, name) -> {
            if (rankings.stream()
                    .anyMatch(ranking -> ranking.completions().stream()
                            .anyMatch(completion -> completion.text().equals(answerOf(key, prompt))))) {
                used.accept(name);
            }
        });
        if (fields.problems().hasError()) {
            return fields.refused();
        }
        return rankings.isEmpty()
                ? fields.leftOut("no answer compares two texts")
                : fields.accepted(numbered(rankings));
    }

    private static Origin origin(@Nullable String id, Answer answer) {
        return new Origin(id, null, answer.user);
    }

    private static List<Ranking> numbered(List<Ranking> rankings) {
        if (rankings.size() == 1) {
            return rankings;
        }
        List<Ranking> numbered = new ArrayList<>();
        for (Ranking ranking : rankings) {
            numbered.add(new Ranking(
                    ranking.prompt(), ranking.completions(), ranking.origin().numbered(numbered.size() + 1)));
        }
        return numbered;
    }

    /** The ranks that an answer gives, by the keys of texts; a rating goes to the others of its annotator instead. */
    private Map<String, Double> places(Answer answer, Map<String, Double> ratings, String prompt) {
        JsonNode value = answer.value;
        if (value.isNumber()) {
            String rated = rated(key(answer.question), prompt);
            if (rated != null) {
                ratings.put(rated, value.doubleValue());
            }
            return Map.of();
        }
        if (value.isTextual()) {
            return texts.containsKey(key(value.textValue())) ? choice(key(value.textValue()), prompt) : Map.of();
        }
        Map<String, Double> places = new LinkedHashMap<>();
        boolean columns = value.path("value").isArray();
        JsonNode items = columns ? value.path("value") : value;
        List<JsonNode> ranks = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            ranks.add(columns ? value.path("rank").path(i) : items.path(i).path("rank"));
        }
        // Texts without any ranks stand in their order, the best first.
        boolean ordered = ranks.stream().allMatch(rank -> rank.isMissingNode() || rank.isNull());
        for (int i = 0; i < items.size(); i++) {
            JsonNode item = items.path(i);
            JsonNode name = item.isObject() ? item.path("value") : item;
            if (!name.isTextual() || !texts.containsKey(key(name.textValue()))) {
                fields.problems()
                        .add(
                                Rule.BAD_RANKING,
                                "the answer to \"" + Excerpt.of(answer.question) + "\" ranks " + Excerpt.of(name)
                                        + ", but the texts are " + textNames.values());
                return Map.of();
            }
            Long rank = ordered ? Long.valueOf(i + 1L) : Cells.whole(ranks.get(i));
            if (rank == null || RowRules.rank("", rank).hasError()) {
                fields.problems()
                        .add(
                                Rule.BAD_RANKING,
                                "the answer to \"" + Excerpt.of(answer.question) + "\" gives " + Excerpt.of(name)
                                        + " the rank " + Excerpt.of(ranks.get(i)) + ", must be 1, 2, ...");
                return Map.of();
            }
            places.put(key(name.textValue()), rank.doubleValue());
        }
        return places;
    }

    /** The better of two texts, where the label names one and there is exactly one other. */
    private Map<String, Double> choice(String better, String prompt) {
        Map<String, Double> places = new LinkedHashMap<>();
        for (String name : alike(better)) {
            if (!name.equals(prompt)) {
                places.put(name, name.equals(better) ? 1.0 : 2.0);
            }
        }
        return places.size() == 2 ? places : Map.of();
    }

    /** The texts whose names differ from one only in a number or letter at the end. */
    private Collection<String> alike(String name) {
        String stem = name.substring(0, name.length() - 1);
        return texts.keySet().stream()
                .filter(other -> other.length() == name.length() && other.startsWith(stem))
                .toList();
    }

    private @Nullable String rated(String question, String prompt) {
        for (String name : texts.keySet()) {
            boolean rates = question.equals(name + "rating") || question.equals("rating" + name);
            if (rates && !name.equals(prompt)) {
                return name;
            }
        }
        return null;
    }

    private void add(List<Ranking> rankings, Map<String, Double> places, boolean scored, String prompt, Origin origin) {
        if (places.size() < 2) {
            return;
        }
        Candidates candidates = scored ? Candidates.byScore(fields.problems()) : Candidates.byRank(fields.problems());
        places.forEach((name, place) ->
                candidates.add("field \"" + textNames.get(name) + "\"", answerOf(name, prompt), place, null));
        Ranking ranking = candidates.ranking(texts.get(prompt), origin);
        if (ranking != null) {
            rankings.add(ranking);
        }
    }

    /** The text as an answer to the prompt: a message of the assistant where the prompt is a list of messages. */
    private @Nullable Content answerOf(String name, String prompt) {
        Content text = texts.get(name);
        return texts.get(prompt) instanceof Content.Chat && text instanceof Content.Text plain
                ? Content.of(List.of(new Message("assistant", plain.text())))
                : text;
    }
}
