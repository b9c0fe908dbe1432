package org.rlhf4j.preference.show;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.testing.Property;

class HtmlPageTest {
    private static final Pattern TAG = Pattern.compile("<(/?)([a-z0-9]+)((?: [a-z-]+=\"[^\"<>]*\")*)>");
    private static final String PAIR = "{'prompt':'Name a tree.','chosen':'A tall oak.','rejected':'A grey stone.'}";

    @Test
    void aPairHasItsPlaceAnchorPanelsAndDifferences() throws IOException {
        String page = page(PAIR, PAIR.replace("}", ",'probability':0.5}"));
        assertThat(page)
                .contains("<h2 id=\"h1\"><a href=\"#r1\">input:1</a> <span class=\"soft\">pair 1</span></h2>")
                .contains("<section class=\"panel better\">\n<h3>chosen</h3>\n<div class=\"text\" dir=\"auto\">"
                        + "A <ins>tall oak</ins>.</div>")
                .contains("<section class=\"panel worse\">\n<h3>rejected</h3>\n<div class=\"text\" dir=\"auto\">"
                        + "A <del>grey stone</del>.</div>")
                .contains("A <mark>tall oak</mark>.")
                .contains("<p>2 rows shown. ")
                .contains("<a href=\"#r3\">next</a>", "<footer id=\"r3\">");
    }

    @Test
    void whatADataFileSaysIsTextAndNeverMarkup() throws IOException {
        String evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\\\" onmouseover=\\\"x\\u0027 javascript:";
        String page = page(
                "{'prompt':'" + evil + "','chosen':'a" + evil + "','rejected':'b','id':'" + evil + "','source':'" + evil
                        + "','chosen_model':'" + evil + "','" + evil + "':1}",
                "{'prompt':[{'role':'" + evil + "','content':'x'}],'chosen':[{'role':'" + evil
                        + "','content':'y'}],'rejected':[{'role':'assistant','content':'z'}]}",
                "{'prompt':'" + evil + "'}");
        assertThat(page)
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
                .doesNotContain("<script", "<img")
                .doesNotContainPattern("<[^>]* on[a-z]+=");
        requireWellFormed(page);
        assertThat(page).contains("default-src 'none'; style-src 'unsafe-inline'");
        assertThat(page).doesNotContainPattern("(?:src|href)=\"(?!#)");
    }

    @Test
    void everyPageIsWellFormed() {
        Property.forAll(
                200,
                draws -> draws.list(1, 4, d -> Json.write(Samples.anyPair(d).toJson())),
                rows -> requireWellFormed(page(rows.toArray(String[]::new))));
    }

    @Test
    void problemsStandAtTheirRowsAndAreCounted() throws IOException {
        String page = page(PAIR, PAIR.replace("tall", "</s> tall"), "{'prompt':'p','chosen':'x'}");
        assertThat(page)
                .contains("<p>Problems of the rows shown: error missing-field: 1, warning special-token: 1.</p>")
                .contains(
                        "<li class=\"warning\"><strong>warning special-token</strong>: chosen spells &quot;&lt;/s&gt;&quot;")
                .contains("<code>{&quot;prompt&quot;:&quot;p&quot;,&quot;chosen&quot;:&quot;x&quot;}</code>")
                .contains("<li><a href=\"#r1\">1</a></li>")
                .contains("<li><a href=\"#r2\" class=\"wrong\" title=\"has problems\">2</a></li>");
    }

    @Test
    void aFullPageSaysSo() throws IOException {
        HtmlPage page = new HtmlPage();
        RowView large = new RowView(
                "f", 1, 1, "prompt", List.of("x".repeat(HtmlPage.MAX_CHARS / 3)), List.of(), List.of(), "", List.of());
        assertThat(page.add(large)).isTrue();
        assertThat(page.add(large)).isTrue();
        assertThat(page.add(large)).isFalse();
        StringBuilder out = new StringBuilder();
        page.writeTo(out, "f", true);
        assertThat(out).contains("3 rows shown; there are more, and the page is full (--rows).");
        page = new HtmlPage();
        page.add(new RowView(
                "f", 1, 1, "", List.of(), List.of(), List.of(), "", List.of(new Problem(Rule.NO_ROWS, "d"))));
        out.setLength(0);
        page.writeTo(out, "f", true);
        assertThat(out).contains("1 row shown; there are more (--limit, --rows).");
    }

    /** Every tag is one of ours with quoted attributes, and every one that opens closes in order. */
    private static void requireWellFormed(String page) {
        String body = page.substring(page.indexOf("<body>"));
        // The page's root is opened before its body.
        Deque<String> open = new ArrayDeque<>(List.of("html"));
        Matcher tags = TAG.matcher(body);
        int at = 0;
        while (tags.find()) {
            assertThat(body.substring(at, tags.start())).doesNotContain("<", ">");
            at = tags.end();
            if (tags.group(1).isEmpty()) {
                open.push(tags.group(2));
            } else if (!tags.group(1).isEmpty()) {
                assertThat(open.pop()).isEqualTo(tags.group(2));
            }
        }
        assertThat(open).isEmpty();
        assertThat(body.substring(at)).isEqualTo("\n");
    }

    private static String page(String... rows) throws IOException {
        String text = List.of(rows).stream().map(Samples::json).collect(Collectors.joining("\n"));
        DataSource source =
                new DataSource.Stream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "input");
        HtmlPage page = new HtmlPage();
        DataShow.Shown shown =
                new DataShow(ReadOptions.of("pairs"), 1, 1000, 1000, false).show(List.of(source), page::add);
        StringBuilder out = new StringBuilder();
        page.writeTo(out, "input", shown.more());
        return out.toString();
    }
}
