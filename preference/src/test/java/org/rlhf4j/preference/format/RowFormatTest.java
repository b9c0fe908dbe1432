package org.rlhf4j.preference.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.PromptRow;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.testing.Property;

class RowFormatTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            # format        | row                                                             | what breaks | its words
            pairs           | {'chosen':'a','rejected':'b'}                                   | missing-field | "prompt" is missing
            pairs           | {'prompt':null,'chosen':'a','rejected':'b'}                     | missing-field | "prompt" is null
            pairs           | {'prompt':'p','chosen':3,'rejected':'b'}                        | wrong-type | "chosen" must be a string or a list
            pairs           | {'prompt':'p','chosen':[{'content':'a'}],'rejected':'b'}        | wrong-type | chosen[0]
            pairs           | {'prompt':'p','chosen':[{'role':'user','content':'a'}],'rejected':'b'} | wrong-type | chosen is a list of messages but rejected is a string
            pairs           | {'prompt':' \\n','chosen':'a','rejected':'b'}                   | blank-prompt | prompt is blank
            pairs           | {'prompt':'p','chosen':'','rejected':'b'}                       | blank-completion | chosen is blank
            pairs           | {'prompt':'p','chosen':'a','rejected':'\\t'}                    | blank-completion | rejected is blank
            pairs           | {'prompt':'p','chosen':'a','rejected':'a'}                      | same-completions | are the same
            pairs           | {'prompt':'p','chosen':'a','rejected':'b','probability':1.5}    | bad-probability | is 1.5, must be from 0 to 1
            pairs           | {'prompt':'p','chosen':'a','rejected':'b','probability':'high'} | wrong-type | "probability" must be a number
            pairs           | {'prompt':'p','chosen':'a','rejected':'b','margin':'NaN'}       | wrong-type | "margin" must be a number
            pairs           | {'prompt':'p','chosen':'a','rejected':'b','weight':0}           | bad-number | weight is 0.0
            pairs           | {'prompt':'p','chosen':'a','rejected':'b','weight':-2}          | bad-number | weight is -2.0
            pairs           | {'prompt':'p','chosen':'a','rejected':'b','id':[1]}             | wrong-type | "id" must be a string or an integer
            rankings        | {'prompt':'p','completions':'a'}                                | wrong-type | "completions" must be an array
            rankings        | {'prompt':'p','completions':[]}                                 | bad-ranking | has 0 of the at least 2
            rankings        | {'prompt':'p','completions':[{'text':'a','rank':1}]}            | bad-ranking | has 1 of the at least 2
            rankings        | {'prompt':'p','completions':['a','b']}                          | wrong-type | "completions[0]" must be an object
            rankings        | {'prompt':'p','completions':[{'text':'a','rank':1},{'rank':2}]} | missing-field | "completions[1].text" is missing
            rankings        | {'prompt':'p','completions':[{'text':'a','rank':1},{'text':'b'}]} | missing-field | "completions[1].rank" is missing
            rankings        | {'prompt':'p','completions':[{'text':'a','rank':0},{'text':'b','rank':1}]} | bad-ranking | "completions[0].rank" is 0
            rankings        | {'prompt':'p','completions':[{'text':'a','rank':1.5},{'text':'b','rank':2}]} | wrong-type | must be an integer
            rankings        | {'prompt':'p','completions':[{'text':'a','rank':99999999999},{'text':'b','rank':2}]} | bad-ranking | is 99999999999
            rankings        | {'prompt':'p','completions':[{'text':'a','rank':1},{'text':'b','score':2}]} | bad-ranking | some completions have a score and others a rank
            rankings        | {'prompt':'p','completions':[{'text':'a','score':1},{'text':'b'}]} | bad-ranking | completions[1].score is missing
            rankings        | {'prompt':'p','completions':[{'text':'a','score':1,'rank':2},{'text':'b','rank':1}]} | bad-ranking | beside a score
            rankings        | {'prompt':'p','completions':[{'text':'a','score':'x'},{'text':'b','score':1}]} | wrong-type | must be a number
            rankings        | {'prompt':'p','completions':[{'text':'a','rank':1},{'text':'a','rank':2}]} | same-completions | completions[0] and completions[1]
            rankings        | {'prompt':'p','completions':[{'text':'a','rank':1},{'text':'','rank':2}]} | blank-completion | completions[1].text is blank
            rankings        | {'prompt':'','completions':[{'text':'a','rank':1},{'text':'b','rank':2}]} | blank-prompt | prompt is blank
            hh-rlhf         | {'chosen':'\\n\\nHuman: Hi','rejected':'\\n\\nHuman: Ho'}       | no-shared-prompt | share no
            hh-rlhf         | {'chosen':'\\n\\nHuman: Hi\\n\\nAssistant: a','rejected':'\\n\\nHuman: Ho\\n\\nAssistant: b'} | no-shared-prompt | share no
            hh-rlhf         | {'chosen':'\\n\\nHuman: Hi\\n\\nAssistant:','rejected':'\\n\\nHuman: Hi\\n\\nAssistant: b'} | blank-completion | chosen is blank
            hh-rlhf         | {'chosen':'\\n\\nHuman: Hi\\n\\nAssistant: a','rejected':'\\n\\nHuman: Hi\\n\\nAssistant: a'} | same-completions | are the same
            hh-rlhf         | {'chosen':[{'role':'user','content':'a'}],'rejected':'b'}       | wrong-type | must both be strings
            implicit-pairs  | {'chosen':'yes ','rejected':'no, never'}                        | no-shared-prompt | share no opening
            implicit-pairs  | {'chosen':'alpha','rejected':'alps'}                            | no-shared-prompt | share no opening
            implicit-pairs  | {'chosen':[{'role':'user','content':'a'}],'rejected':'b'}       | wrong-type | all must be of one kind
            implicit-pairs  | {'chosen':[{'role':'user','content':'a'}],'rejected':[{'role':'user','content':'b'}]} | no-shared-prompt | no leading message
            demonstrations  | {'prompt':'p'}                                                  | missing-field | "completion" is missing
            demonstrations  | {'completion':'c'}                                              | missing-field | "prompt" is missing
            demonstrations  | {'prompt':'p','completion':' '}                                 | blank-completion | completion is blank
            demonstrations  | {'text':'  '}                                                   | blank-completion | the text is blank
            demonstrations  | {'text':[{'role':'user','content':'a'}]}                        | wrong-type | "text" must be a string
            demonstrations  | {'messages':'hello'}                                            | wrong-type | "messages" must be a list of messages
            demonstrations  | {'messages':[{'role':'user','content':'a'}]}                    | missing-field | no turn with the role "assistant"
            demonstrations  | {'text':'a','messages':[]}                                      | ambiguous-row | side by side
            unpaired        | {'prompt':'p','completion':'c','label':1}                       | wrong-type | field "label" must be true or false but is an integer
            unpaired        | {'prompt':'p','completion':' ','label':true}                    | blank-completion | completion is blank
            unpaired        | {'prompt':'p','completion':'c'}                                 | missing-field | field "label" is missing
            unpaired        | {'prompt':[],'completion':'c','label':true}                     | wrong-type | all must be of one kind
            unpaired        | {'prompt':'p','completion':'c','label':true,'images':['a.png']} | wrong-type | holds images
            stepwise        | {'prompt':'p','completions':['a',1],'labels':[true,false]}      | wrong-type | field "completions[1]" must be a string
            stepwise        | {'prompt':'p','completions':['a'],'labels':[1]}                 | wrong-type | field "labels[0]" must be true or false
            stepwise        | {'prompt':'p','completions':['a'],'labels':[]}                  | wrong-type | there are 1 completions but 0 labels
            stepwise        | {'prompt':'p','completions':[],'labels':[]}                     | missing-field | completions has no step
            choice          | {'prompt':'p','completion_a':'x','completion_b':'y','preference':0}     | ambiguous-row | say --with codes=0/1
            choice          | {'prompt':'p','completion_a':'x','completion_b':'y','preference':'0'}   | ambiguous-row | "preference" is "0"
            choice          | {'prompt':'p','completion_a':'x','completion_b':'y','preference':'c'}   | wrong-type | a or b, first or second
            choice          | {'prompt':'p','completion_a':'x','completion_b':'y','preference':true}  | wrong-type | a word or an integer
            choice          | {'prompt':'p','completion_a':'x','completion_b':'y'}                    | missing-field | "preference" is missing
            choice          | {'prompt':'p','completion_a':'x','completion_b':'x','preference':'a'}   | same-completions | the same
            prompts         | {'prompt':''}                                                   | blank-prompt | prompt is blank
            prompts         | {'prompt':7}                                                    | wrong-type | but is an integer
            """)
    void aBadRowIsRefusedByRuleAndReason(String format, String row, String rule, String words) {
        ParsedRow parsed = RowFormat.named(format).parse(Samples.object(row));
        assertThat(parsed.rows()).isEmpty();
        assertThat(parsed.problems()).anySatisfy(problem -> {
            assertThat(problem.rule().id()).isEqualTo(rule);
            assertThat(problem.detail()).contains(words);
        });
    }

    @Test
    void allProblemsOfARowAreTold() {
        ParsedRow parsed = RowFormat.named("pairs")
                .parse(Samples.object(
                        "{'prompt':'','chosen':'','rejected':' ','probability':2,'weight':0,'margin':'x'}"));
        assertThat(parsed.problems())
                .extracting(Problem::rule)
                .containsExactly(
                        Rule.WRONG_TYPE,
                        Rule.BLANK_PROMPT,
                        Rule.BLANK_COMPLETION,
                        Rule.BLANK_COMPLETION,
                        Rule.BAD_PROBABILITY,
                        Rule.BAD_NUMBER);
    }

    @Test
    void aPairKeepsItsNumbersAndNames() {
        ParsedRow parsed = RowFormat.named("pairs")
                .parse(Samples.object("{'prompt':'p','chosen':'a','rejected':'b','margin':0.5,'probability':0.9,"
                        + "'weight':2,'id':17,'source':'web','annotator':'ann','chosen_model':'x','note':null}"));
        assertThat(parsed.rows())
                .containsExactly(new PreferencePair(
                        Content.of("p"),
                        Content.of("a"),
                        Content.of("b"),
                        0.5,
                        0.9,
                        2.0,
                        "x",
                        null,
                        new Origin("17", "web", "ann")));
        assertThat(parsed.unused()).containsExactly("note");
    }

    @Test
    void scoresBecomeRanksAndEqualScoresTies() {
        ParsedRow parsed = RowFormat.named("rankings")
                .parse(Samples.object("{'prompt':'p','completions':[{'text':'a','score':-0.0},{'text':'b','score':2.5},"
                        + "{'text':'c','score':0,'model':'m','note':1}]}"));
        assertThat(parsed.rows())
                .containsExactly(new Ranking(
                        Content.of("p"),
                        List.of(
                                new RankedCompletion(Content.of("a"), 2, 0.0, null),
                                new RankedCompletion(Content.of("b"), 1, 2.5, null),
                                new RankedCompletion(Content.of("c"), 2, 0.0, "m")),
                        Origin.NONE));
        assertThat(parsed.unused()).containsExactly("completions[].note");
    }

    @Test
    void aDialogueIsCutBehindTheLastSharedTurnOfTheAssistant() {
        ParsedRow parsed = RowFormat.named("hh-rlhf")
                .parse(
                        Samples.object(
                                "{'chosen':'\\n\\nHuman: Hi\\n\\nAssistant: Hello\\n\\nHuman: Tea?\\n\\nAssistant: Please.',"
                                        + "'rejected':'\\n\\nHuman: Hi\\n\\nAssistant: Hello\\n\\nHuman: Tea?\\n\\nAssistant: Please no.'}"));
        assertThat(parsed.rows())
                .containsExactly(PreferencePair.of(
                        "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Tea?\n\nAssistant:", " Please.", " Please no."));
        assertThat(parsed.problems()).isEmpty();
    }

    @Test
    void aDialogueThatDivergesEarlyIsWarnedOf() {
        // They share one "\n\nAssistant:"; what follows differs and goes on in chosen.
        ParsedRow parsed = RowFormat.named("hh-rlhf")
                .parse(Samples.object("{'chosen':'\\n\\nHuman: Hi\\n\\nAssistant: A\\n\\nHuman: B\\n\\nAssistant: C',"
                        + "'rejected':'\\n\\nHuman: Hi\\n\\nAssistant: D'}"));
        assertThat(parsed.rows())
                .containsExactly(
                        PreferencePair.of("\n\nHuman: Hi\n\nAssistant:", " A\n\nHuman: B\n\nAssistant: C", " D"));
        assertThat(parsed.problems()).extracting(Problem::rule).containsExactly(Rule.SEVERAL_TURNS);
    }

    @Test
    void demonstrationsComeInThreeForms() {
        RowFormat format = RowFormat.named("demonstrations");
        assertThat(format.parse(Samples.object("{'prompt':'p','completion':'c'}"))
                        .rows())
                .containsExactly(new Demonstration(Content.of("p"), Content.of("c"), Origin.NONE));
        assertThat(format.parse(Samples.object("{'text':'t'}")).rows())
                .containsExactly(new Demonstration(null, Content.of("t"), Origin.NONE));
        assertThat(format.parse(Samples.object("{'messages':[{'role':'assistant','content':'m'}]}"))
                        .rows())
                .containsExactly(
                        new Demonstration(null, Content.of(List.of(new Message("assistant", "m"))), Origin.NONE));
    }

    @Test
    void whatIsWrittenIsReadBackEqual() {
        Property.forAll(300, Samples::anyRow, row -> {
            List<RowFormat> formats = RowFormat.all().stream()
                    .filter(format -> format.evidence(row.toJson()) != null)
                    .toList();
            assertThat(formats)
                    .extracting(RowFormat::name)
                    .singleElement()
                    .satisfies(name -> assertThat(row.kind().plural()).startsWith(name));
            ParsedRow parsed = formats.get(0).parse(row.toJson());
            assertThat(parsed.rows()).containsExactly(row);
            assertThat(parsed.problems()).isEmpty();
            assertThat(parsed.unused()).isEmpty();
        });
    }

    @Test
    void aMistypedFormatIsAnsweredWithTheNearest() {
        assertThatThrownBy(() -> RowFormat.named("hh_rlfh"))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith(
                        "unknown format \"hh_rlfh\", did you mean \"hh-rlhf\"? (known: pairs, rankings, ");
    }

    @Test
    void recordsRefuseWhatReadersRefuse() {
        assertThatThrownBy(() -> PreferencePair.of("p", "same", "same"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("chosen and rejected are the same");
        assertThatThrownBy(() -> Ranking.of("p", List.of("only")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("completions has 1 of the at least 2 that a ranking needs");
        assertThatThrownBy(() -> new Ranking(
                        Content.of("p"),
                        List.of(
                                new RankedCompletion(Content.of("a"), 1, 0.0, null),
                                new RankedCompletion(Content.of("b"), 2, 1.0, null)),
                        Origin.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ranks and scores disagree");
        assertThatThrownBy(() -> RankedCompletion.of("a", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rank is 0");
        assertThatThrownBy(() -> new PromptRow(Content.of(List.of()), Origin.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("prompt is blank");
    }

    @Test
    void aRankingOfTooManyIsRefused() {
        List<String> many = java.util.stream.IntStream.rangeClosed(0, 1024)
                .mapToObj(i -> "c" + i)
                .toList();
        assertThat(Ranking.of("p", many.subList(1, 1025)).completions()).hasSize(1024);
        assertThatThrownBy(() -> Ranking.of("p", many))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("completions has 1025, more than the 1024 supported");
    }
}
