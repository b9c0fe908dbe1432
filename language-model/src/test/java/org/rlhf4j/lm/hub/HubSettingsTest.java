package org.rlhf4j.lm.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Expectations are those of huggingface_hub 1.33, {@code constants.py} and {@code utils/_auth.py}. */
class HubSettingsTest {
    @TempDir
    private Path home;

    private HubSettings settings(String... variables) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < variables.length; i += 2) {
            map.put(variables[i], variables[i + 1]);
        }
        return HubSettings.of(map, home);
    }

    @Test
    void theCacheIsWherePythonHasIt() {
        assertThat(settings().cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(settings("XDG_CACHE_HOME", "/x").cache()).isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(settings("XDG_CACHE_HOME", "/x", "HF_HOME", "/h").cache()).isEqualTo(Path.of("/h/hub"));
        assertThat(settings("HF_HOME", "/h", "HUGGINGFACE_HUB_CACHE", "/old").cache())
                .isEqualTo(Path.of("/old"));
        assertThat(settings("HUGGINGFACE_HUB_CACHE", "/old", "HF_HUB_CACHE", "/new")
                        .cache())
                .isEqualTo(Path.of("/new"));
        assertThat(settings("HF_HUB_CACHE", "").cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
    }

    @Test
    void pathsMayHoldTheHomeDirectoryAndOtherVariables() {
        assertThat(settings("HF_HOME", "~/hf").cache()).isEqualTo(home.resolve("hf/hub"));
        assertThat(settings("HF_HOME", "${DISK}/$USER/hf", "DISK", "/d", "USER", "u")
                        .cache())
                .isEqualTo(Path.of("/d/u/hf/hub"));
        assertThat(settings("HF_HOME", "/d/$NOBODY").cache()).isEqualTo(Path.of("/d/$NOBODY/hub"));
    }

    @Test
    void theEndpointIsAnAddress() {
        assertThat(settings().endpoint()).isEqualTo(URI.create("https://huggingface.co"));
        assertThat(settings("HF_ENDPOINT", "http://mirror:8080/hub/").endpoint())
                .isEqualTo(URI.create("http://mirror:8080/hub"));
        for (String wrong : new String[] {"mirror", "ftp://mirror", "https://", "http://a b"}) {
            assertThatThrownBy(() -> settings("HF_ENDPOINT", wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("HF_ENDPOINT is \"" + wrong.replaceAll("/+$", ""));
        }
    }

    @Test
    void offlineIsSaidInOneOfFourWords() {
        assertThat(settings().offline()).isFalse();
        for (String yes : new String[] {"1", "on", "Yes", "TRUE"}) {
            assertThat(settings("HF_HUB_OFFLINE", yes).offline()).isTrue();
        }
        assertThat(settings("HF_HUB_OFFLINE", "0", "TRANSFORMERS_OFFLINE", "1").offline())
                .isFalse();
        assertThat(settings("HF_HUB_OFFLINE", "", "TRANSFORMERS_OFFLINE", "1").offline())
                .isTrue();
    }

    @Test
    void theTokenComesFromTheEnvironmentOrAFile() throws IOException {
        assertThat(settings().token()).isNull();
        Files.createDirectories(home.resolve(".cache/huggingface"));
        Files.writeString(home.resolve(".cache/huggingface/token"), "hf_file\n");
        Files.writeString(home.resolve("other"), "hf_other");
        assertThat(settings().token()).isEqualTo("hf_file");
        assertThat(settings("HF_TOKEN_PATH", "~/other").token()).isEqualTo("hf_other");
        assertThat(settings("HUGGING_FACE_HUB_TOKEN", "hf_old").token()).isEqualTo("hf_old");
        assertThat(settings("HF_TOKEN", "hf_new\n", "HUGGING_FACE_HUB_TOKEN", "hf_old")
                        .token())
                .isEqualTo("hf_new");
        assertThat(settings("HF_TOKEN", "hf_new", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
                        .token())
                .isNull();
        assertThat(settings("HF_HUB_OFFLINE", "1").token()).isNull();
    }

    @Test
    void theTokenIsNeverShown() {
        assertThat(settings("HF_TOKEN", "hf_secret").toString())
                .doesNotContain("hf_secret")
                .contains("token=given");
        assertThatThrownBy(() -> settings("HF_TOKEN", "hf_secret\r\nX-Evil: 1"))
                .hasMessage("HF_TOKEN holds characters that no token has");
    }

    @Test
    void silenceHasALimit() {
        assertThat(settings().timeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings("HF_HUB_DOWNLOAD_TIMEOUT", "60").timeout()).isEqualTo(Duration.ofSeconds(60));
        assertThatThrownBy(() -> settings("HF_HUB_DOWNLOAD_TIMEOUT", "soon"))
                .hasMessage("HF_HUB_DOWNLOAD_TIMEOUT is \"soon\", must be a number of seconds");
        assertThatThrownBy(() -> settings("HF_HUB_DOWNLOAD_TIMEOUT", "0")).hasMessageContaining("must be positive");
    }
}
