package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps of training whose numbers are not as they should be, cases 32 and 33. */
class HostileStepTest {
    private static final String SFT = "sft train --model @model --data @rows.jsonl --out @run --set"
            + " training.optimizer.schedule=constant --set training.batchSize=1"
            + " --set training.microBatchSize=1 --set training.epochs=1";

    private final HostileFiles files;
    private final Path directory;

    HostileStepTest(@TempDir Path directory) {
        this.files = new HostileFiles(directory);
        this.directory = directory;
    }

    @BeforeEach
    void model() {
        files.model("model");
    }

    @Test
    void aStepThatIsNoNumberIsNotMade() {
        files.write("rows.jsonl", "{\"prompt\":\"Why?\",\"completion\":\"Because.\"}\n".repeat(8));
        String wild = SFT + " --set training.optimizer.learningRate=1e30";
        files.shows("32a", wild);
        assertThat(directory.resolve("run/model")).doesNotExist();
        files.shows("32d", "replay @run/dumps/step-000002");
        files.shows("32b", wild.replace("@run", "@other") + " --set training.optimizer.maxBadSteps=3");
        files.shows("32c", wild.replace("@run", "@third") + " --set training.optimizer.maxBadSteps=3");
    }

    @Test
    void aLeapOfTheGradientIsTold() {
        files.write(
                "rows.jsonl",
                "{\"prompt\":\"p\",\"completion\":\"a\"}\n".repeat(30)
                        + "{\"prompt\":\"p\",\"completion\":\"zzzzzzzz\"}\n");
        files.shows(
                "33b",
                SFT + " --seed 1 --set training.optimizer.learningRate=0.01",
                text -> text.replaceAll("[0-9.e-]+ times", "N times").replaceAll("(is|steps,) [0-9.e-]+", "$1 N"));
    }
}
