package org.rlhf4j.preference.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.RankingPairs;
import org.rlhf4j.preference.TiePolicy;
import org.rlhf4j.preference.container.Containers;
import org.rlhf4j.preference.container.RowInput;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;

final class OutputLayoutTest {
    private static final String PAIR =
            "{'prompt':'p','chosen':'a','rejected':'b','probability':%s,'margin':2.5,'id':'r'}";
    private static final String CHAT =
            "{'prompt':[{'role':'user','content':'p'}],'chosen':[{'role':'assistant','content':'a'}],"
                    + "'rejected':[{'role':'assistant','content':'b'}]}";

    /** The row that comes out and the ConversionReport. */
    private record Written(List<String> rows, ConversionReport report) {}

    @ParameterizedTest
    @ValueSource(strings = {"f", "f.jsonl.gz", "f.jsonl.zst", "f.parquet"})
    void trlPairsHaveItsThreeColumnsAndTheMoreLikelyIsChosen(String file) throws Exception {
        String rows = PAIR.formatted("0.9") + "\n" + PAIR.formatted("0.5") + "\n" + PAIR.formatted("0.2");
        Written done = convert(OutputLayout.TRL, file, rows);
        assertThat(done.rows())
                .containsExactly(
                        "{'prompt':'p','chosen':'a','rejected':'b'}", "{'prompt':'p','chosen':'b','rejected':'a'}");
        assertThat(done.report().tiesDropped()).isEqualTo(1);
        assertThat(done.report().unusedFields()).containsOnlyKeys("id", "margin", "probability");
    }

    @ParameterizedTest
    @ValueSource(strings = {"f", "f.parquet"})
    void ktoRowsAreThePreferredWithTrueAndTheOtherWithFalse(String file) throws Exception {
        String rows = PAIR.formatted("0.9") + "\n" + PAIR.formatted("0.5") + "\n" + PAIR.formatted("0.2");
        Written done = convert(OutputLayout.KTO, file, rows);
        assertThat(done.rows())
                .containsExactly(
                        "{'prompt':'p','completion':'a','label':true}",
                        "{'prompt':'p','completion':'b','label':false}",
                        "{'prompt':'p','completion':'a','label':false}",
                        "{'prompt':'p','completion':'b','label':true}");
        assertThat(done.report().kind().plural()).isEqualTo("unpaired preferences");
        assertThat(convert(OutputLayout.KTO, file, "{'prompt':'p','completion':'a','label':true}")
                        .rows())
                .containsExactly("{'prompt':'p','completion':'a','label':true}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"f", "f.parquet"})
    void everyKindOfRowThatTrlKnowsComesBackAsItWas(String file) throws Exception {
        for (String row : List.of(
                CHAT,
                "{'prompt':'p','completion':'a'}",
                "{'messages':[{'role':'user','content':'p'},{'role':'assistant','content':''}]}",
                "{'text':'t'}",
                "{'prompt':'p'}",
                "{'prompt':[{'role':'user','content':'p'}],'completion':[{'role':'assistant','content':'a'}],'label':false}",
                "{'prompt':'p','completions':['s1','s2'],'labels':[true,false]}")) {
            assertThat(convert(OutputLayout.TRL, file, row).rows()).containsExactly(row);
        }
    }

    @Test
    void canonicalRowsComeBackFromParquetWithAllTheirFields() throws Exception {
        String row = "{'prompt':'p','chosen':'a','rejected':'b','margin':2.5,'probability':0.9,'weight':0.25,"
                + "'chosen_model':'m','rejected_model':'n','id':'r','source':'s','annotator':'x'}";
        String plain = "{'prompt':'p','chosen':'ä\\u0000','rejected':'😀'}";
        assertThat(convert(OutputLayout.CANONICAL, "f.parquet", plain + "\n" + row)
                        .rows())
                .containsExactly(plain, row);
    }

    @Test
    void promptsAreWrittenOncePerRow() throws Exception {
        assertThat(convert(OutputLayout.PROMPTS, "f", PAIR.formatted("0.5") + "\n" + PAIR.formatted("1"))
                        .rows())
                .containsExactly("{'prompt':'p'}", "{'prompt':'p'}");
        String ranking = "{'prompt':'q','completions':[{'text':'a','rank':1},{'text':'b','rank':2}]}";
        assertThat(convert(OutputLayout.PROMPTS, "f", ranking).rows()).containsExactly("{'prompt':'q'}");
        assertThatThrownBy(() -> convert(OutputLayout.PROMPTS, "f", "{'text':'t'}"))
                .hasMessage("in:1: does not say which part of it is the prompt");
    }

    @Test
    void rankingsNeedAStrategyToBecomePairs() throws Exception {
        String ranking =
                "{'prompt':'q','completions':[{'text':'a','rank':1},{'text':'b','rank':2},{'text':'c','rank':2}]}";
        for (OutputLayout layout : List.of(OutputLayout.TRL, OutputLayout.KTO)) {
            assertThatThrownBy(() -> convert(layout, "f", ranking))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessage("in: holds rankings, which the layout " + layout.label()
                            + " has no fields for; add --pairs all, or another strategy");
        }
        assertThatThrownBy(() -> convert(OutputLayout.CANONICAL, "f.parquet", ranking))
                .hasMessageContaining("rankings are written as JSON Lines only");
        DataConversion pairs = new DataConversion(
                ReadOptions.DETECT, new RankingPairs(PairStrategy.ALL, TiePolicy.DROP), false, OutputLayout.KTO, null);
        assertThat(convert(pairs, "f", ranking).rows())
                .containsExactly(
                        "{'prompt':'q','completion':'a','label':true}",
                        "{'prompt':'q','completion':'b','label':false}",
                        "{'prompt':'q','completion':'a','label':true}",
                        "{'prompt':'q','completion':'c','label':false}");
    }

    @Test
    void stringsAndMessagesInOneFileAreRefusedWithBothPlaces() {
        String rows = "{'prompt':'p','chosen':'a','rejected':'b'}\n" + CHAT;
        for (String file : List.of("f.jsonl", "f.parquet")) {
            assertThatThrownBy(() -> convert(OutputLayout.TRL, file, rows))
                    .isInstanceOf(DataFormatException.class)
                    .hasMessageStartingWith("the row of in:2 has \"prompt\" as a list of messages and ")
                    .hasMessageContaining("the one of in:1 \"prompt\" as a string")
                    .hasMessageEndingWith("rows of one file must be alike, so convert them apart");
        }
        assertThatThrownBy(() -> convert(OutputLayout.CANONICAL, "f.parquet", rows))
                .hasMessageContaining("in:1");
    }

    @Test
    void containersThatAreOnlyReadAreNotWritten() {
        for (String name : List.of("f.csv", "f.TSV", "f.csv.gz", "f.parquet.gz")) {
            assertThatThrownBy(() -> RowWriter.named(new ByteArrayOutputStream(), Path.of(name)))
                    .hasMessage(name
                            + ": rows are written as JSON Lines (.jsonl, .jsonl.gz, .jsonl.zst) or Parquet (.parquet)");
        }
    }

    private static Written convert(OutputLayout layout, String file, String rows) throws IOException {
        return convert(new DataConversion(ReadOptions.DETECT, null, false, layout, null), file, rows);
    }

    /** Converts, and reads what was written as rows of JSON. */
    private static Written convert(DataConversion conversion, String file, String rows) throws IOException {
        byte[] in = rows.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ConversionReport report = conversion.run(
                List.of(new DataSource.Stream(new ByteArrayInputStream(in), "in")),
                RowWriter.named(out, Path.of(file)));
        List<String> written = new ArrayList<>();
        try (RowInput input = Containers.read(new ByteArrayInputStream(out.toByteArray()), "out")) {
            assertThat(input.container())
                    .isEqualTo(
                            file.endsWith("parquet")
                                    ? "Parquet"
                                    : "JSON Lines"
                                            + (file.endsWith("gz")
                                                    ? ", compressed by gzip"
                                                    : file.endsWith("zst") ? ", compressed by zstd" : ""));
            input.forEachRemaining(row -> written.add(text(row.orThrow())));
        }
        return new Written(written, report);
    }

    private static String text(JsonNode row) {
        return Json.write(row).replace('"', '\'');
    }
}
