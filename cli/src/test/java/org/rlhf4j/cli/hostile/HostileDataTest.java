package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlhf4j.cli.hostile.HostileFiles.gzip;
import static org.rlhf4j.cli.hostile.HostileFiles.pairs;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of rows that are not what they should be, cases 1 to 8, 10, 11, 16 and 17: what {@code rlhf data} says of them. */
class HostileDataTest {
    private static final String CONVERT = "data convert --in @rows.jsonl --out @out.jsonl";
    private static final String CHECK = "data check @rows.jsonl";

    private final HostileFiles files;

    HostileDataTest(@TempDir Path directory) {
        this.files = new HostileFiles(directory);
    }

    @Test
    void aMalformedLineIsNamedWithItsColumn() {
        files.write("rows.jsonl", pairs(16) + "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":}\n" + pairs(3));
        files.shows("1a", CONVERT);
        files.shows("1b", CHECK);
        files.shows("1c", CONVERT + " --drop-invalid");
        assertThat(files.read("out.jsonl")).asString(StandardCharsets.UTF_8).isEqualTo(pairs(16) + pairs(3));
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheText() {
        files.write("rows.jsonl", "\uFEFF" + pairs(2));
        files.shows("2a", CONVERT);
        assertThat(files.read("out.jsonl")).asString(StandardCharsets.UTF_8).isEqualTo(pairs(2));
    }

    @Test
    void otherEncodingsAreRefusedByName() {
        files.write("rows.jsonl", pairs(2).getBytes(StandardCharsets.UTF_16));
        files.shows("2b", CONVERT);
        files.shows("2c", CHECK);
    }

    @Test
    void lineEndsDoNotMatter() {
        String row = "{\"prompt\":\"p\",\"chosen\":\"a\u2028b\",\"rejected\":\"c\"}";
        files.write("rows.jsonl", row + "\r\n" + pairs(1).strip());
        files.shows("3a", CONVERT);
        assertThat(files.read("out.jsonl")).asString(StandardCharsets.UTF_8).isEqualTo(row + "\n" + pairs(1));
    }

    @Test
    void aCarriageReturnAloneIsNoLineEnd() {
        files.write("rows.jsonl", pairs(2).replace('\n', '\r'));
        files.shows("3b", CONVERT);
    }

    @Test
    void whatIsNoTextIsRefusedWithItsByte() {
        byte[] rows = (pairs(1) + "{\"prompt\":\"a?b\",\"chosen\":\"c\",\"rejected\":\"d\"}\n" + pairs(1))
                .getBytes(StandardCharsets.UTF_8);
        int place = pairs(1).length() + "{\"prompt\":\"a".length();
        rows[place] = (byte) 0xFF;
        files.write("rows.jsonl", rows);
        files.shows("4a", CONVERT);
        rows[place] = (byte) 0xC0;
        rows[place + 1] = (byte) 0x80;
        files.write("rows.jsonl", rows);
        files.shows("4b", CONVERT);
        files.withRow("rows.jsonl", "{\"prompt\":\"a\\ud800b\",\"chosen\":\"c\",\"rejected\":\"d\"}");
        files.shows("4c", CONVERT);
        files.withRow("rows.jsonl", "{\"prompt\":\"a\0b\",\"chosen\":\"c\",\"rejected\":\"d\"}");
        files.shows("4d", CONVERT);
        files.withRow("rows.jsonl", "{\"prompt\":\"a\\u0000b\",\"chosen\":\"c\",\"rejected\":\"d\"}");
        files.shows("4e", CHECK);
    }

    @Test
    void jsonIsStrict() {
        files.withRow("rows.jsonl", "{\"prompt\":\"p\",\"chosen\":\"c\",\"chosen\":\"e\",\"rejected\":\"d\"}");
        files.shows("5a", CONVERT);
        files.withRow("rows.jsonl", "{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"d\"} {}");
        files.shows("5b", CONVERT);
        files.withRow("rows.jsonl", "{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"d\",\"margin\":1e400}");
        files.shows("5c", CONVERT);
        files.withRow("rows.jsonl", "{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"d\",\"margin\":NaN}");
        files.shows("5d", CONVERT);
    }

    @Test
    void idsThatStandTwiceAreListed() {
        String row = "{\"id\":\"a\",\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"d\"}\n";
        files.write("rows.jsonl", row + row.replace("\"p\"", "\"q\""));
        files.shows("6a", CHECK);
        files.write("rows.jsonl", row);
        files.write("eval.jsonl", row.replace("\"p\"", "\"q\""));
        files.shows("6b", "data check @rows.jsonl @eval.jsonl");
        files.write("rows.jsonl", row + row);
        files.shows("6c", "data clean --in @rows.jsonl --out @out.jsonl --step dedup");
    }

    @Test
    void anEmptyFileIsNoData() {
        files.write("rows.jsonl", "");
        files.shows("7a", CONVERT);
        files.shows("7b", CHECK);
        files.write("rows.jsonl", "{\"prompt\":\"p\",\"chosen\":\" \",\"rejected\":\"d\"}\n");
        files.shows("7c", CONVERT + " --drop-invalid");
    }

    @Test
    void aPairOfTheSameTextIsNotLearnedFrom() {
        files.withRow("rows.jsonl", "{\"prompt\":\"p\",\"chosen\":\"c\",\"rejected\":\"c\"}");
        files.shows("8a", CONVERT);
        files.shows("8b", CHECK);
        files.shows("8c", CONVERT + " --drop-invalid");
    }

    @Test
    void aCircleOfPreferencesIsNamedAndCanBeRanked() {
        files.write("rows.jsonl", preferred("AB") + preferred("BC") + preferred("CA"));
        files.shows("10a", CHECK);
        files.shows("10b", "data rank @rows.jsonl --of completions --out @out.jsonl");
        assertThat(files.read("out.jsonl")).asString(StandardCharsets.UTF_8).contains("\"score\":0.0");
    }

    @Test
    void strengthsThatAreNotDefinedNeedAPrior() {
        files.write("rows.jsonl", preferred("AB") + preferred("BA") + preferred("XY") + preferred("YX"));
        files.shows("10c", "data rank @rows.jsonl");
        files.write("rows.jsonl", preferred("AB") + preferred("AC") + preferred("BC") + preferred("CB"));
        files.shows("11a", "data rank @rows.jsonl");
        files.shows("11b", "data rank @rows.jsonl --prior 0.5");
    }

    private static String preferred(String two) {
        String better = two.substring(0, 1);
        String worse = two.substring(1);
        return "{\"prompt\":\"p\",\"chosen\":\"" + better + "\",\"rejected\":\"" + worse + "\",\"chosen_model\":\""
                + better + "\",\"rejected_model\":\"" + worse + "\"}\n";
    }

    @Test
    void aRowHasALongestLength() {
        files.withRow(
                "rows.jsonl", "{\"prompt\":\"p\",\"chosen\":\"" + "c".repeat(50 << 20) + "\",\"rejected\":\"d\"}");
        files.shows("16a", CONVERT);
        String chat = IntStream.range(0, 500_000)
                .mapToObj(i -> "{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}")
                .collect(Collectors.joining(","));
        files.write("rows.jsonl", "{\"messages\":[" + chat + "]}\n");
        files.shows("16b", CONVERT);
    }

    @Test
    void packedFilesAreReadUpToWhereTheyAreDamaged() {
        byte[] packed = gzip(pairs(20));
        files.write("rows.jsonl.gz", Arrays.copyOf(packed, packed.length - 12));
        files.shows("17a", "data convert --in @rows.jsonl.gz --out @out.jsonl");
        files.shows("17b", "data check @rows.jsonl.gz");
    }

    @Test
    void aBombIsNotUnpacked() {
        String row = "{\"prompt\":\"" + " ".repeat(15 << 20) + "\",\"chosen\":\"c\",\"rejected\":\"d\"}\n";
        files.write("rows.jsonl.gz", gzip(pairs(1) + row));
        files.shows("17c", "data convert --in @rows.jsonl.gz --out @out.jsonl");
    }

    @Test
    void whatAFileIsIsToldByItsBytes() {
        files.write("rows.csv", pairs(2));
        files.shows("17d", "data convert --in @rows.csv --out @out.jsonl");
        files.write("rows.jsonl", "PK\3\4 and the rest of an archive");
        files.shows("17e", CONVERT);
    }
}
