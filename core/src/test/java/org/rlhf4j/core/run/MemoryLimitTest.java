package org.rlhf4j.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryLimitTest {
    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource({
        "123, 123",
        "2k, 2048",
        "800m, 838860800",
        "20g, 21474836480",
        "1.5GiB, 1610612736",
        "1TB, 1099511627776"
    })
    void aSizeIsReadInPowersOf1024(String text, long bytes) {
        assertThat(MemoryLimit.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "lots", "3 x", "g", "1e9"})
    void whatIsNoSizeIsRefused(String text) {
        assertThatThrownBy(() -> MemoryLimit.parse(text)).hasMessageContaining("RLHF4J_MEMORY is \"" + text + "\"");
    }

    @Test
    void theTightestGroupOfVersion2Counts() throws IOException {
        group("a/b", "memory.max", "max\n", "memory.current", "77\n");
        // 1000 - (700 - 100) is left.
        group("a", "memory.max", "1000\n", "memory.current", "700\n");
        write("root/a/memory.stat", "anon 500\ninactive_file 100\nactive_file 50\n");
        assertThat(room("0::/a/b")).isEqualTo(400);
    }

    @Test
    void aGroupOfVersion1CountsAndANumberNear2To63IsNoLimit() throws IOException {
        group("memory/x", "memory.limit_in_bytes", "5000\n", "memory.usage_in_bytes", "4000\n");
        group("memory", "memory.limit_in_bytes", "9223372036854771712\n", "memory.usage_in_bytes", "9000\n");
        assertThat(room("5:cpu:/y\n4:cpuset,memory:/x\n")).isEqualTo(1000);
    }

    @Test
    void aPathOfTheHostLeadsToTheGroupAtTheTop() throws IOException {
        group("", "memory.max", "1000\n", "memory.current", "300\n");
        assertThat(room("0::/../../elsewhere")).isEqualTo(700);
        assertThat(room("0::/not/here")).isEqualTo(700);
    }

    @Test
    void withoutGroupsThereIsNoLimitButWhatTheSystemHas() throws IOException {
        assertThat(room("")).isEqualTo(Long.MAX_VALUE);
        assertThat(MemoryLimit.bytes()).isPositive();
    }

    private long room(String groups) throws IOException {
        Path file = write("cgroup", groups);
        return MemoryLimit.roomOfGroups(file, folder.resolve("root"));
    }

    private void group(String path, String limit, String most, String used, String now) throws IOException {
        String home = "root/" + path + (path.isEmpty() ? "" : "/");
        write(home + limit, most);
        write(home + used, now);
    }

    private Path write(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
