package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.core.optim.NonFiniteException;

/** Numbers of a rollout that are not finite are named before anything is learned from them. */
class PpoTextNumbersTest {
    @TempDir
    private Path folder;

    private TextRuns run;

    @BeforeEach
    void prepare() {
        run = new TextRuns(folder);
    }

    @Test
    void aRewardTooLargeForAFloatNamesItsPrompt() {
        run.scorer = (prompt, completion) -> prompt.equals("cdefgh") ? 1e300 : 1;
        assertThatThrownBy(run::train)
                .isInstanceOfSatisfying(NonFiniteException.class, e -> {
                    assertThat(e.step()).isEqualTo(1);
                    assertThat(e.tensor()).isEqualTo("rewards");
                    assertThat(e.places()).hasSize(e.rows().length).allMatch(place -> place.contains("cdefgh"));
                })
                .hasMessageMatching(
                        "step 1: the rewards are not finite \\(completion \\d+ to \"cdefgh\".*; the weights are"
                                + " those of step 0\\. Look at these rows, or lower the learning rate");
    }

    @Test
    void aPolicyThatBlewUpIsNamedByItsLogProbabilities() {
        run.learningRate = 1e30;
        assertThatThrownBy(run::train)
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("are not finite (completion ");
    }
}
