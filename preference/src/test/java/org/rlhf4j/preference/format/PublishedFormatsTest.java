package org.rlhf4j.preference.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.container.Containers;
import org.rlhf4j.preference.container.RowInput;

/** Settings, refusals and rows left out of the formats of published data and of annotation tools. */
class PublishedFormatsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            arena         | {'model_a':'x','model_b':'y','winner':'tie'} | missing-field | rlhf data rank takes it
            arena         | {'model_a':'x','model_b':'y','winner':'model_c','conversation_a':[],'conversation_b':[]} | wrong-type | must be model_a, model_b, tie
            arena         | {'model_a':'x','model_b':'y','winner':'tie','conversation_a':[],'conversation_b':[]} | no-shared-prompt | share no leading message
            arena         | {'model_a':'x','model_b':'y','winner':'tie','conversation_a':'[1','conversation_b':[]} | wrong-type | "conversation_a" must be a list written as JSON
            arena         | {'model_a':'x','model_b':'y','winner':'tie','conversation_a':[{'role':'user','content':[{'type':'image','image':'i'}]}],'conversation_b':[]} | wrong-type | only text can be trained on
            arena-table   | {'prompt':'["p"]','response_a':'["a"]','response_b':'["b"]','winner_model_a':1,'winner_model_b':1,'winner_tie':0} | ambiguous-row | must be 1 and the others 0
            arena-table   | {'prompt':'["p"]','response_a':'["a","c"]','response_b':'["b"]','winner_model_a':1,'winner_model_b':0,'winner_tie':0} | wrong-type | response_a has 2
            arena-table   | {'prompt':'["p"]','response_a':'[null]','response_b':'["b"]','winner_model_a':1,'winner_model_b':0,'winner_tie':0} | wrong-type | "response_a[0]" must be a string
            ultrafeedback | {'instruction':'p','completions':[{'response':'a','overall_score':'7'},{'response':'b','overall_score':1}]} | wrong-type | "completions[0].overall_score" must be a number
            ultrafeedback-binarized | {'prompt':'p','chosen':[{'role':'user','content':'p'},{'role':'assistant','content':'a'}],'rejected':[{'role':'user','content':'p'},{'role':'assistant','content':'b'}],'score_chosen':1,'score_rejected':2} | bad-ranking | score_chosen is below score_rejected
            helpsteer2    | {'prompt':'p','response':'a','helpfulness':'3'} | wrong-type | "helpfulness" must be a number
            helpsteer2-preference | {'prompt':'p','response_1':'a','response_2':'b','preference_strength':4} | bad-number | must be from -3 to 3
            helpsteer2-preference | {'prompt':'p','response_1':'a','response_2':'b','preference_strength':0.5} | wrong-type | must be an integer
            oasst-trees   | {'prompt':{'text':'p','role':'user','replies':[]}} | wrong-type | must be prompter or assistant
            oasst-trees   | {'prompt':{'text':'p','role':'prompter','replies':[{'text':'a','role':'assistant','rank':-1}]}} | bad-ranking | "prompt.replies[0].rank" is -1
            summarize-from-feedback | {'info':{'title':'t','post':'p','subreddit':'s'},'summaries':[{'text':'a'}],'choice':0} | wrong-type | has 1 elements
            summarize-from-feedback | {'info':{'title':'t','post':'p','subreddit':'s'},'summaries':[{'text':'a'},{'text':'b'}],'choice':2} | bad-number | must be 0 or 1
            summarize-from-feedback | {'info':{'title':'t','article':'p'},'summary':{'text':'a','axes':{'overall':3}}} | missing-field | an axis evaluation rates one summary
            webgpt        | {'question':{'full_text':'p'},'answer_0':'a','answer_1':'b','score_0':1} | missing-field | "score_1" is missing
            shp           | {'history':'p','human_ref_A':'a','human_ref_B':'b','labels':2,'score_ratio':3} | bad-number | must be 1 (A is preferred) or 0
            nectar        | {'prompt':'p','answers':[{'answer':'a','rank':1},{'answer':'b','rank':1.5}]} | bad-ranking | "answers[1].rank" is 1.5
            nectar        | {'prompt':'p','answers':[{'answer':'a','rank':1}]} | bad-ranking | has 1 of the at least 2
            ranked-responses | {'prompt':'p','responses':['a','b'],'scores':[1]} | bad-ranking | there are 2 responses but 1 places
            ranked-responses | {'prompt':'p','responses':['a','b'],'scores':[1,2],'ranks':[1,2]} | ambiguous-row | stand side by side
            ranked-responses | {'prompt':'p','responses':['a',7],'ranks':[1,2]} | wrong-type | "responses[1]" must be a string
            argilla       | {'fields':{'text':'p'},'responses':{}} | missing-field | --with prompt-field=NAME
            argilla       | {'fields':{'prompt':'p','a':'x'},'responses':{'rank':[{'value':['a','b'],'user_id':'u'}]}} | bad-ranking | the texts are [prompt, a]
            argilla       | {'fields':{'prompt':'p','a':'x','b':'y'},'responses':{'q':[{'value':[{'value':'a','rank':0},{'value':'b','rank':1}]}]}} | bad-ranking | gives "a" the rank 0, must be 1, 2
            argilla       | {'fields':{'prompt':'p','a':'x','b':'y'},'responses':{'q':[{'value':[{'value':'a','rank':1},{'value':'b'}]}]}} | bad-ranking | gives "b" the rank null, must be 1, 2
            argilla       | {'fields':{'prompt':'p','a':'x','b':'y'},'responses':{'q':[{'value':{'value':['a','b'],'rank':[1,0.5]}}]}} | bad-ranking | gives "b" the rank 0.5, must be 1, 2
            label-studio-pairwise | {'data':{'prompt':'p','answer1':'a','answer2':'b'},'annotations':[{'result':[{'type':'pairwise','value':{'selected':'top'}}]}]} | wrong-type | must be left or right
            label-studio-pairwise | {'data':{'prompt':'p','text1':'a','text2':'b'},'annotations':[{'result':[{'type':'pairwise','value':{'selected':'left'}}]}]} | missing-field | "data.answer1" is missing
            label-studio-ranker | {'data':{'prompt':'p','items':[{'id':'x','body':'a'}]},'annotations':[{'result':[{'type':'ranker','value':{'ranker':{'best':['x']}}}]}]} | bad-ranking | put into buckets
            label-studio-ranker | {'data':{'prompt':'p','items':[{'id':'x','body':'a'}]},'annotations':[{'result':[{'type':'ranker','value':{'ranker':['y']}}]}]} | bad-ranking | no item has the id "y"
            """)
    void aBadRowIsRefusedByRuleAndReason(String format, String row, String rule, String words) {
        // The strings inside strings keep their quotes.
        ObjectNode object = (ObjectNode) Json.parse(quoted(row));
        ParsedRow parsed = RowFormat.named(format).parse(object);
        assertThat(parsed.rows()).isEmpty();
        assertThat(parsed.problems()).anySatisfy(problem -> {
            assertThat(problem.rule().id()).isEqualTo(rule);
            assertThat(problem.detail()).contains(words);
        });
    }

    private static String quoted(String row) {
        return row.replace("\"", "\\\"").replace('\'', '"');
    }

    @Test
    void ultraFeedbackIsRankedByTheRatingAskedFor() {
        ObjectNode row = FormatMiniaturesTest.objects("ultrafeedback", "rows").get(0);
        // Ratings of the four answers: 4 5 4 5, 1 2 1 2, 5 5 5 5, 3 N/A 4 5.
        assertThat(scores("ultrafeedback", "rating", "mean", row)).containsExactly(4.5, 1.5, 5.0, 4.0);
        assertThat(scores("ultrafeedback", "rating", "helpfulness", row)).containsExactly(4.0, 1.0, 5.0, 3.0);
        // The last answer has no rating for honesty and is left out.
        assertThat(scores("ultrafeedback", "rating", "honesty", row)).containsExactly(5.0, 2.0, 5.0);
        RowFormat honesty = RowFormat.named("ultrafeedback").with(Map.of("rating", "honesty"));
        assertThat(honesty.parse(row).problems())
                .extracting(Problem::detail)
                .containsExactly("completions[3].response has no rating (honesty)");
        // The first release has each aspect as a list of one.
        for (var completion : row.path("completions")) {
            ObjectNode annotations = (ObjectNode) completion.path("annotations");
            ArrayNode list = Json.array().add(annotations.get("helpfulness"));
            annotations.set("helpfulness", list);
        }
        assertThat(scores("ultrafeedback", "rating", "helpfulness", row)).containsExactly(4.0, 1.0, 5.0, 3.0);
        assertThatThrownBy(() -> RowFormat.named("ultrafeedback").with(Map.of("rating", "honest")))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("unknown value of rating \"honest\", did you mean \"honesty\"?");
    }

    private static List<Double> scores(String format, String setting, String value, ObjectNode row) {
        ParsedRow parsed = RowFormat.named(format).with(Map.of(setting, value)).parse(row);
        return ((Ranking) parsed.rows().get(0))
                .completions().stream().map(RankedCompletion::score).toList();
    }

    @Test
    void helpSteerSumsTheAttributesWithTheirWeights() {
        List<ObjectNode> rows =
                FormatMiniaturesTest.objects("helpsteer2", "rows").subList(0, 2);
        String weights = "helpfulness=0.5, correctness=2,coherence,verbosity=-1";
        GroupFormat format = (GroupFormat) RowFormat.named("helpsteer2").with(Map.of("attributes", weights));
        // 0.5*3 + 2*4 + 4 - 1 and 0.5*1 + 2*1 + 3 - 1
        Ranking ranking = (Ranking) format.parseGroup(rows).rows().get(0);
        assertThat(ranking.completions()).extracting(RankedCompletion::score).containsExactly(12.5, 4.5);
        assertThatThrownBy(() -> format.with(Map.of("attributes", "helpful=1")))
                .hasMessageStartingWith("unknown attribute \"helpful\", did you mean \"helpfulness\"?");
        assertThatThrownBy(() -> format.with(Map.of("attributes", "helpfulness=much")))
                .hasMessage("the setting helpfulness must be a number but is \"much\"");
    }

    @Test
    void equalWeightedSumsOfHelpSteerAreATie() {
        String weights = "helpfulness=0.65,correctness=0.8,coherence=0.45,complexity=0.55,verbosity=-0.4";
        GroupFormat format = (GroupFormat) RowFormat.named("helpsteer2").with(Map.of("attributes", weights));
        // -0.4 and 0.65 + 0.55 - 4 * 0.4, which differ in floating point
        List<ObjectNode> rows = List.of(
                Samples.object("{'prompt':'p','response':'a','helpfulness':0,'correctness':0,'coherence':0,"
                        + "'complexity':0,'verbosity':1}"),
                Samples.object("{'prompt':'p','response':'b','helpfulness':1,'correctness':0,'coherence':0,"
                        + "'complexity':1,'verbosity':4}"));
        Ranking ranking = (Ranking) format.parseGroup(rows).rows().get(0);
        assertThat(ranking.completions()).extracting(RankedCompletion::score).containsExactly(-0.4, -0.4);
        assertThat(ranking.completions()).extracting(RankedCompletion::rank).containsExactly(1, 1);
    }

    @Test
    void differencesOfScoresAreMarginsOnlyWhenAskedFor() {
        assertThat(margins("webgpt")).containsExactly(1.5, 0.5, 0.0);
        assertThat(margins("ultrafeedback-binarized")).containsExactly(5.5, 0.0);
        assertThat(margins("helpsteer2-preference")).containsExactly(2.0, 1.0, 0.0);
        assertThat(margins("helpsteer3-preference")).containsExactly(2.0);
    }

    private static List<Double> margins(String name) {
        RowFormat format = RowFormat.named(name).with(Map.of("margin", "scores"));
        return FormatMiniaturesTest.objects(name, "rows").stream()
                .map(row -> ((PreferencePair) format.parse(row).rows().get(0)).margin())
                .toList();
    }

    @Test
    void rowsOfALowScoreRatioAreLeftOutWithANote() {
        RowFormat format = RowFormat.named("shp").with(Map.of("min-score-ratio", "2"));
        List<ObjectNode> rows = FormatMiniaturesTest.objects("shp", "rows");
        assertThat(format.parse(rows.get(0)).rows()).hasSize(1);
        ParsedRow low = format.parse(rows.get(1));
        assertThat(low.rows()).isEmpty();
        assertThat(low.isRefused()).isFalse();
        assertThat(low.problems()).containsExactly(new Problem(Rule.NOTHING_COMPARED, "score_ratio is 1.2, below 2.0"));
    }

    @Test
    void whatIsLeftOutOfATreeIsSaid() {
        ObjectNode tree = FormatMiniaturesTest.objects("oasst-trees", "rows").get(0);
        assertThat(RowFormat.named("oasst-trees").parse(tree).problems())
                .extracting(Problem::detail)
                .containsExactly("a message is left out with all replies: its review was negative");
        ((ObjectNode) tree.path("prompt").path("replies").path(0)).putNull("rank");
        assertThat(RowFormat.named("oasst-trees").parse(tree).problems())
                .extracting(Problem::detail)
                .contains("an answer is left out of the ranking: it has no rank");
        ObjectNode root = (ObjectNode) tree.path("prompt");
        for (String flaw : List.of("'deleted':true", "'review_result':null")) {
            ObjectNode damaged = root.deepCopy().setAll(Samples.object("{" + flaw + "}"));
            ParsedRow parsed =
                    RowFormat.named("oasst-trees").parse(tree.deepCopy().set("prompt", damaged));
            assertThat(parsed.rows()).isEmpty();
            assertThat(parsed.problems()).hasSize(2).allMatch(problem -> problem.rule() == Rule.NOTHING_COMPARED);
        }
    }

    @Test
    void aMessageWithoutAReviewResultWasNotReviewedHoweverTheFileSaysSo() {
        // JSON writes null; Parquet, tables and the released trees leave the field away.
        List<ObjectNode> rows =
                FormatMiniaturesTest.objects("oasst-messages", "rows").subList(0, 10);
        GroupFormat format = (GroupFormat) RowFormat.named("oasst-messages");
        rows.get(1).putNull("review_result");
        ParsedRow written = format.parseGroup(rows);
        assertThat(written.problems())
                .extracting(Problem::detail)
                .anySatisfy(detail -> assertThat(detail).endsWith("it was not reviewed"));
        rows.get(1).remove("review_result");
        assertThat(format.parseGroup(rows)).isEqualTo(written);
        ObjectNode tree = FormatMiniaturesTest.objects("oasst-trees", "rows").get(0);
        ((ObjectNode) tree.path("prompt").path("replies").path(0)).remove("review_result");
        assertThat(RowFormat.named("oasst-trees").parse(tree).problems())
                .extracting(Problem::detail)
                .contains("a message is left out with all replies: it was not reviewed");
        // Where no message says anything of reviews, null and nothing are the same too.
        rows.forEach(row -> row.remove(List.of("review_result", "review_count")));
        ParsedRow silent = format.parseGroup(rows);
        rows.forEach(row -> row.putNull("review_result"));
        assertThat(format.parseGroup(rows).rows()).isEqualTo(silent.rows()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jsonl", "csv"})
    void openAssistantMessagesAsPandasWritesThemAreReadAsTheyAre(String container) {
        String text = container.equals("csv") ? """
                message_id,parent_id,message_tree_id,role,text,rank,review_result
                m1,,m1,prompter,p,,True
                m2,m1,m1,assistant,a,1.0,True
                m3,m1,m1,assistant,b,0.0,True
                """ : """
                {"message_id":"m1","message_tree_id":"m1","role":"prompter","text":"p","rank":null}
                {"message_id":"m2","parent_id":"m1","message_tree_id":"m1","role":"assistant","text":"a","rank":1.0}
                {"message_id":"m3","parent_id":"m1","message_tree_id":"m1","role":"assistant","text":"b","rank":0.0}
                """;
        List<ObjectNode> rows = new java.util.ArrayList<>();
        try (RowInput input = Containers.read(new ByteArrayInputStream(text.getBytes(UTF_8)), "f." + container)) {
            input.forEachRemaining(line -> rows.add((ObjectNode) line.orThrow()));
        }
        for (ObjectNode row : rows) {
            assertThat(RowFormat.all().stream().filter(format -> !format.isGeneral() && format.evidence(row) != null))
                    .extracting(RowFormat::name)
                    .containsExactly("oasst-messages");
        }
        ParsedRow parsed = ((GroupFormat) RowFormat.named("oasst-messages")).parseGroup(rows);
        assertThat(((Ranking) parsed.rows().get(0)).completions())
                .extracting(RankedCompletion::rank)
                .containsExactly(2, 1);
        rows.get(1).put("rank", 0.5);
        assertThat(((GroupFormat) RowFormat.named("oasst-messages"))
                        .parseGroup(rows)
                        .problems())
                .extracting(Problem::rule)
                .contains(Rule.WRONG_TYPE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tie", "tie (bothbad)", "both_bad", "bothbad"})
    void everyWordForATieOfTheArenaIsOne(String word) {
        ObjectNode row = FormatMiniaturesTest.objects("arena", "rows").get(0);
        ParsedRow parsed = RowFormat.named("arena").parse(row.put("winner", word));
        assertThat(((PreferencePair) parsed.rows().get(0)).probability()).isEqualTo(0.5);
    }

    @Test
    void aMessageWithoutTheOneItAnswersIsLeftOut() {
        List<ObjectNode> rows =
                FormatMiniaturesTest.objects("oasst-messages", "rows").subList(0, 10);
        GroupFormat format = (GroupFormat) RowFormat.named("oasst-messages");
        List<ObjectNode> orphans = rows.stream()
                .filter(row -> !row.path("message_id").asText().equals("m3"))
                .toList();
        ParsedRow parsed = format.parseGroup(orphans);
        assertThat(parsed.rows()).hasSize(1);
        assertThat(parsed.problems())
                .extracting(Problem::detail)
                .contains("a message is left out with all replies: the one it answers is not there");
        ParsedRow repeated = format.parseGroup(List.of(rows.get(0), rows.get(0)));
        assertThat(repeated.problems()).extracting(Problem::rule).contains(Rule.REPEATED_ID);
    }

    @Test
    void aChainOfRepliesBeyondAllConversationsIsRefused() {
        GroupFormat format = (GroupFormat) RowFormat.named("oasst-messages");
        List<ObjectNode> chain = new java.util.ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            ObjectNode row = Samples.object("{'message_tree_id':'t','text':'x','parent_id':null}");
            row.put("message_id", "m" + i).put("role", i % 2 == 0 ? "prompter" : "assistant");
            chain.add(i == 0 ? row : row.put("parent_id", "m" + (i - 1)));
        }
        assertThat(format.parseGroup(chain).problems())
                .extracting(Problem::detail)
                .containsExactly("the conversation has more than 256 turns");
    }

    @Test
    void argillaTakesThePromptThatIsNamedAndLabelsThatNameATextOfTwo() {
        ObjectNode row = Samples.object("{'id':'r','fields':{'text':'p','reply-a':'x','reply-b':'y'},"
                + "'responses':{'better':[{'value':'Reply B','user_id':'u'},{'value':'unsure','user_id':'v'}]}}");
        ParsedRow parsed =
                RowFormat.named("argilla").with(Map.of("prompt-field", "text")).parse(row);
        assertThat(parsed.rows())
                .extracting(Row::toJson)
                .containsExactly(Samples.object("{'prompt':'p','completions':"
                        + "[{'text':'x','rank':2},{'text':'y','rank':1}],'id':'r','annotator':'u'}"));
    }

    @Test
    void theFieldsOfLabelStudiosDataAreNamedBySettings() {
        ObjectNode row = Samples.object("{'id':1,'data':{'q':'p','text1':'a','text2':'b'},'annotations':"
                + "[{'completed_by':5,'result':[{'type':'pairwise','value':{'selected':'right'}}]}]}");
        ParsedRow parsed = RowFormat.named("label-studio-pairwise")
                .with(Map.of("data-prompt", "q", "left", "text1", "right", "text2"))
                .parse(row);
        assertThat(parsed.rows())
                .extracting(Row::toJson)
                .containsExactly(Samples.object("{'prompt':'p','chosen':'b','rejected':'a','id':'1','annotator':'5'}"));
    }
}
