package org.rlhf4j.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the pages name exists. */
class DocumentationTest {
    private static final Path ROOT = Path.of(System.getProperty("rlhf4j.root", ".."));
    private static final Pattern TEST_NAME = Pattern.compile("`([A-Z][A-Za-z]+Test)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");
    private static final Pattern PLACEHOLDER = Pattern.compile("@[A-Z]+@");

    @Test
    void everyTestThatAPageNamesIsThere() throws IOException {
        Set<String> tests;
        try (Stream<Path> files = Files.walk(ROOT)) {
            tests = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Test.java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toSet());
        }
        Set<String> named = new TreeSet<>();
        for (Path page : pages()) {
            Matcher matcher = TEST_NAME.matcher(Files.readString(page));
            while (matcher.find()) {
                named.add(matcher.group(1));
            }
        }
        assertThat(named).hasSizeGreaterThan(8);
        assertThat(tests).containsAll(named);
    }

    @Test
    void everyLinkLeadsSomewhereAndNothingIsLeftToFillIn() throws IOException {
        for (Path page : pages()) {
            String text = Files.readString(page);
            assertThat(PLACEHOLDER.matcher(text).find()).as(page.toString()).isFalse();
            Matcher matcher = LINK.matcher(text);
            while (matcher.find()) {
                assertThat(page.resolveSibling(matcher.group(1)))
                        .as(page.toString())
                        .exists();
            }
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            List<Path> pages = Stream.concat(top, docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList();
            assertThat(pages).hasSizeGreaterThan(5);
            return pages;
        }
    }
}
