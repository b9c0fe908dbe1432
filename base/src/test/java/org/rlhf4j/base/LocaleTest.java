package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In Turkish, the lower case of I is not i; in Arabic, digits are others; in German, the decimal point is a comma. */
final class LocaleTest {
    private final Locale before = Locale.getDefault();

    @AfterEach
    void restore() {
        Locale.setDefault(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tr-TR", "ar-EG-u-nu-arab", "de-DE", "hi-IN-u-nu-deva"})
    void theUsersLanguageChangesNothing(String tag, @TempDir Path directory) throws Exception {
        Locale.setDefault(Locale.forLanguageTag(tag));
        assertThat(NearestName.of("MAX_STEPS_IN_EPOCH", List.of("max_steps_in_epoch")))
                .contains("max_steps_in_epoch");
        assertThat(NearestName.unknown("key", "TITLE", List.of("title")))
                .isEqualTo("unknown key \"TITLE\", did you mean \"title\"? (known: title)");
        assertThat(Json.write(List.of(1234.5, 1e-7, 10_000_000L))).isEqualTo("[1234.5,1.0E-7,10000000]");
        assertThat(Json.parse("{\"I\":1.5,\"i\":2,\"İ\":3,\"ı\":4}").size()).isEqualTo(4);
        assertThatThrownBy(() -> Json.parse(new byte[] {'"', 'a', (byte) 0xC0, '"'}))
                .hasMessage("invalid UTF-8 at byte 2 (hexadecimal C0)");
        assertThatThrownBy(() -> Json.parse("[1,\n  x]"))
                .hasMessageStartingWith("line 2: malformed JSON: Unrecognized token 'x'")
                .hasMessageEndingWith("(column 3)");
        assertThatThrownBy(() ->
                        JsonFields.of(Json.parse("{\"n\":1.5}"), "a", 12345).integer("n"))
                .hasMessage("a:12345: field \"n\" must be an integer but is a number with a fraction");
        assertThatThrownBy(() -> Storage.requireSpace(directory, 1L << 60)).hasMessageContaining("1209462790553 MiB");
        Path file = directory.resolve("TITLE");
        Storage.disk().writeAtomically(file, "I".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(Storage.sha256(file)).startsWith("a83dd0ccbffe39d071cc317ddf6e97f5c6b1c87af91919271f9fa140b0508c6c");
    }
}
