package org.rlhf4j.benchmarks.experiments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Storage;

/**
 * The text known as "tiny Shakespeare", cut into rows to learn from and prompts to continue.
 *
 * @param training the first nine tenths, to the end of the speech
 * @param heldOut the rest
 */
record ShakespeareText(String training, String heldOut) {
    /** Of the 1,115,394 bytes; the text is in the public domain. */
    static final String SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed";

    private static final int ROW_CHARACTERS = 224;
    private static final int PROMPT_WORDS = 3;
    private static final int LINE_WORDS = 6;
    private static final String SPEECH_END = "\n\n";

    /**
     * Reads and halves it.
     *
     * @throws DataFormatException if the file is another text
     */
    static ShakespeareText read(Path file) throws IOException {
        if (!Storage.sha256(file).equals(SHA256)) {
            throw new DataFormatException(file.toString(), 0, "is not the text with the SHA-256 " + SHA256);
        }
        return of(Files.readString(file, StandardCharsets.US_ASCII));
    }

    /** Cuts a text at the end of the first speech that ends in its last tenth. */
    static ShakespeareText of(String text) {
        int cut = text.indexOf(SPEECH_END, text.length() * 9 / 10) + SPEECH_END.length();
        return new ShakespeareText(text.substring(0, cut), text.substring(cut));
    }

    /** Whole lines that follow each other, in rows of 224 characters or a little more; a shorter rest is left out. */
    static List<String> rows(String text) {
        List<String> rows = new ArrayList<>();
        StringBuilder row = new StringBuilder();
        for (String line : text.split("\n", -1)) {
            if (row.isEmpty() && line.isEmpty()) {
                continue;
            }
            row.append(line).append('\n');
            if (row.length() >= ROW_CHARACTERS) {
                rows.add(row.toString().stripTrailing());
                row.setLength(0);
            }
        }
        return rows;
    }

    /** The first three words of every line of six and more, each once; the names of speakers are no such lines. */
    static List<String> prompts(String text) {
        Set<String> prompts = new LinkedHashSet<>();
        for (String line : text.split("\n", -1)) {
            String[] words = line.split(" ", -1);
            if (words.length >= LINE_WORDS) {
                prompts.add(String.join(" ", Arrays.copyOf(words, PROMPT_WORDS)));
            }
        }
        return List.copyOf(prompts);
    }
}
