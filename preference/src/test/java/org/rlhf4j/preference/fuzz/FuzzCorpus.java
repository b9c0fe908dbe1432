package org.rlhf4j.preference.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.rlhf4j.base.Json;
import org.rlhf4j.testing.Golden;

/**
 * Valid files to start from: rows of every format, and files as their own tools wrote them.
 *
 * @param rows rows by format, each a list of at least two
 * @param files whole files: Parquet, CSV, TSV, gzip and zstd of other writers
 */
record FuzzCorpus(List<List<ObjectNode>> rows, List<byte[]> files) {
    /** Rows that the miniatures of formats may lack. */
    private static final List<String> ROWS = List.of(
            "{'prompt':'p','chosen':'a','rejected':'b','margin':1.5,'id':'x'}",
            "{'prompt':'q','chosen':'b','rejected':'c','probability':0.5}",
            "{'prompt':'p','completions':[{'text':'a','rank':1},{'text':'b','rank':2},{'text':'c','rank':2}]}",
            "{'prompt':'q','completions':[{'text':'a','score':0.5},{'text':'b','score':-1e3}],'id':7}",
            "{'chosen':'\\n\\nHuman: hi\\n\\nAssistant: yes','rejected':'\\n\\nHuman: hi\\n\\nAssistant: no'}",
            "{'chosen':'\\n\\nHuman: ho\\n\\nAssistant: 1','rejected':'\\n\\nHuman: ho\\n\\nAssistant: 2'}",
            "{'chosen':[{'role':'user','content':'u'},{'role':'assistant','content':'a'}],"
                    + "'rejected':[{'role':'user','content':'u'},{'role':'assistant','content':'b'}]}",
            "{'chosen':[{'role':'user','content':'v'},{'role':'assistant','content':'a'}],"
                    + "'rejected':[{'role':'user','content':'v'},{'role':'assistant','content':''}]}",
            "{'prompt':'p','completion':'c','label':true}",
            "{'prompt':'q','completion':'d','label':false}",
            "{'messages':[{'role':'user','content':'u'},{'role':'assistant','content':'a'}]}",
            "{'messages':[{'role':'system','content':'s'},{'role':'assistant','content':'\\u00e9'}]}",
            "{'prompt':'only'}",
            "{'prompt':'only \\uD83D\\uDE00'}");

    static FuzzCorpus load() {
        List<List<ObjectNode>> rows = new ArrayList<>();
        for (int i = 0; i < ROWS.size(); i += 2) {
            rows.add(List.of(object(ROWS.get(i)), object(ROWS.get(i + 1))));
        }
        List<byte[]> files = new ArrayList<>();
        for (Path file : resources("/formats")) {
            addRows(rows, file);
        }
        // By the list of their names: the golden files may stand in a jar, whose folders have none.
        Golden.cases("preference/files", "files").stream()
                .map(file -> file.path("file").textValue())
                .sorted()
                .forEach(name -> files.add(Golden.bytes("preference/files/" + name)));
        return new FuzzCorpus(rows, files);
    }

    private static ObjectNode object(String row) {
        return (ObjectNode) Json.parse(row.replace('\'', '"'));
    }

    private static void addRows(List<List<ObjectNode>> rows, Path file) {
        if (!file.toString().endsWith(".jsonl")) {
            return;
        }
        List<ObjectNode> found = new ArrayList<>();
        for (String line : new String(bytes(file), java.nio.charset.StandardCharsets.UTF_8)
                .lines()
                .toList()) {
            JsonNode row = Json.parse(line);
            if (row instanceof ObjectNode object) {
                found.add(object);
            }
        }
        if (found.size() > 1) {
            rows.add(List.copyOf(found));
        }
    }

    /** The files below a folder of the class path, in the order of their names; none where there is no such folder. */
    private static List<Path> resources(String folder) {
        var url = FuzzCorpus.class.getResource(folder);
        if (url == null || !url.getProtocol().equals("file")) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(Path.of(url.toURI()))) {
            return files.filter(Files::isRegularFile)
                    .sorted((a, b) -> a.toString().compareTo(b.toString()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Objects.requireNonNull(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
