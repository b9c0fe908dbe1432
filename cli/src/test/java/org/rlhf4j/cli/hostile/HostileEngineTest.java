package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.testing.JavaProcess;

/** Engines that do not start, and their threads, cases 44 and 46: each in a process of its own. */
class HostileEngineTest {
    private static final String USE = "generate --model @model --prompt a --max-new-tokens 1";

    private final HostileFiles files;
    private final Path directory;

    HostileEngineTest(@TempDir Path directory) {
        this.files = new HostileFiles(directory);
        this.directory = directory;
    }

    @BeforeEach
    void model() {
        files.model("model");
    }

    private void shows(String key, JavaProcess process, String command) {
        CommandRun run = files.run(process, command);
        // Which platform it is, and how the system calls the library, differs.
        HostileCase.of(key)
                .isShownBy(
                        new CommandRun(
                                run.code(), run.out(), run.err().replaceAll("(linux|osx|win)-[a-z0-9_]+", "PLATFORM")),
                        directory);
        assertThat(run.err()).hasLineCount(1);
    }

    @Test
    void anEngineThatIsNotThereIsOneLine() throws IOException {
        shows("44a", new JavaProcess().withoutJar("pytorch-native-cpu"), USE);
        Path file = Files.createFile(directory.resolve("file"));
        shows("44b", new JavaProcess().option("-Drlhf4j.home=" + file.resolve("home")), USE);
        shows("44c", new JavaProcess(), USE + " --device cuda");
    }

    @Test
    @Tag("slow")
    void asManyThreadsGiveTheSameBytes() {
        files.write("rows.jsonl", "{\"prompt\":\"Why?\",\"completion\":\"Because.\"}\n".repeat(8));
        String sft = "sft train --model @model --data @rows.jsonl --set training.maxSteps=2 --out ";
        CommandRun one = files.run(new JavaProcess().option("-Drlhf4j.threads=2"), sft + "@one");
        HostileCase.of("46a").isShownBy(one, directory);
        assertThat(files.run(new JavaProcess().option("-Drlhf4j.threads=2"), sft + "@two")
                        .code())
                .isZero();
        assertThat(directory.resolve("two/model/model.safetensors"))
                .hasSameBinaryContentAs(directory.resolve("one/model/model.safetensors"));
    }
}
