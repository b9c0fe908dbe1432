package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.testing.Property;

final class NearestNameTest {
    private static final List<String> KNOWN =
            List.of("learning_rate", "batch_size", "seed", "epochs", "max_steps", "warmup_steps", "beta", "lr");

    @ParameterizedTest
    @CsvSource({
        "learning_rat, learning_rate", // one missing
        "learning_ratee, learning_rate", // one too many
        "laerning_rate, learning_rate", // two swapped
        "learnign_rste, learning_rate", // two swapped, one wrong
        "batch-size, batch_size", // the other dash
        "BATCH_SIZE, batch_size", // the other case
        "batchsize, batch_size",
        "sead, seed",
        "sed, seed",
        "epoch, epochs",
        "maxsteps, max_steps",
        "learning, learning_rate", // the beginning
        "warmup, warmup_steps",
        "seed_everything, seed", // more than the name
        "l, lr",
    })
    void aTypingErrorFindsItsName(String given, String expected) {
        assertThat(NearestName.of(given, KNOWN)).contains(expected);
    }

    @ParameterizedTest
    @CsvSource({"optimizer", "zzz", "''", "ab", "gamma_lambda_mu"})
    void whatIsNotNearFindsNothing(String given) {
        assertThat(NearestName.of(given, KNOWN)).isEmpty();
    }

    @Test
    void theNearestWinsAndTheFirstOfSeveral() {
        assertThat(NearestName.of("aaab", List.of("aabb", "aaaa", "aaac"))).contains("aabb");
        assertThat(NearestName.of("train", List.of("trains", "train", "trainx")))
                .contains("train");
    }

    @Test
    void theSentenceListsWhatIsKnown() {
        assertThat(NearestName.unknown("key", "sead", List.of("lr", "seed")))
                .isEqualTo("unknown key \"sead\", did you mean \"seed\"? (known: lr, seed)");
        assertThat(NearestName.unknown("model_type", "gpt9", List.of("llama")))
                .isEqualTo("unknown model_type \"gpt9\" (known: llama)");
        assertThat(NearestName.unknown("option", "x", List.of())).isEqualTo("unknown option \"x\" (there are none)");
    }

    @Test
    void theSentenceIsOneLineWhateverWasTyped() {
        Property.forAll(
                draws -> draws.text(200),
                given -> assertThat(NearestName.unknown("key", given, KNOWN))
                        .doesNotContain("\n", "\r", "\u2028", "\u0000")
                        .hasSizeLessThan(250));
    }

    @Test
    void aVeryLongNameIsComparedInNoTime() {
        assertThat(NearestName.of("x".repeat(10_000_000), KNOWN)).isEmpty();
    }

    @Test
    void everyNameIsNearestToItselfAndToOneChangeOfIt() {
        Property.forAll(
                500,
                draws -> {
                    String name = draws.pick(KNOWN);
                    int at = draws.between(0, name.length());
                    String changed = name.substring(0, at) + draws.word(0, 1) + name.substring(at);
                    return List.of(name, changed);
                },
                pair -> assertThat(NearestName.of(pair.get(1), KNOWN)).contains(pair.get(0)));
    }
}
