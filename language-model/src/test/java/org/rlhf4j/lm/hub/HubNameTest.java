package org.rlhf4j.lm.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that are valid or not as huggingface_hub 1.33 has it, {@code utils/_validators.py}. */
class HubNameTest {
    @Test
    void aNameHasARevisionOfItsOwnOrMain() {
        assertThat(HubName.parse("org/name")).contains(new HubName("org/name", "main"));
        assertThat(HubName.parse("org/name@v1.0")).contains(new HubName("org/name", "v1.0"));
        assertThat(HubName.parse("org/name@refs/pr/1")).contains(new HubName("org/name", "refs/pr/1"));
        assertThat(HubName.parse(Path.of("org", "name"))).contains(new HubName("org/name", "main"));
        assertThat(new HubName("org/name", "main")).hasToString("org/name");
        assertThat(new HubName("org/name", "v1")).hasToString("org/name@v1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "foo/bar", "123", "Foo-BAR_foo.bar123", "HuggingFaceTB/SmolLM2-135M"})
    void namesOfTheHub(String name) {
        assertThat(HubName.parse(name)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "datasets/foo/bar",
                ".repo_id",
                "foo--bar",
                "foo.git",
                "other..repo",
                "../name",
                "./name",
                "org/",
                "/name",
                "",
                "café/x",
                "org/name@",
                "org/name@../../x",
                "org/name@a/../b",
                "org/name@/a",
                "org/name@.git",
                "org/name@a b"
            })
    void namesThatCanNotBeOnTheHub(String name) {
        assertThat(HubName.parse(name)).isEmpty();
    }

    @Test
    void anAbsolutePathIsNoName() {
        assertThat(HubName.parse(Path.of("name").toAbsolutePath())).isEmpty();
        assertThatThrownBy(() -> new HubName("a/b/c", "main")).hasMessageContaining("org/name");
    }
}
