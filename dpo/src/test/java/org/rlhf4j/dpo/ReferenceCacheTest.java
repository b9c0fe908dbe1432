package org.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.text.EncodedExample;

class ReferenceCacheTest {
    private static final List<EncodedExample> DATA =
            List.of(new EncodedExample(new int[] {3, 4, 5}, 1), new EncodedExample(new int[] {3, 4}, 1));

    @TempDir
    private Path folder;

    private final List<String> notes = new ArrayList<>();
    private LanguageModel model;
    private Path directory;
    private int computations;

    @BeforeEach
    void open() {
        model = Tiny.policy(folder);
        directory = folder.resolve("home").resolve("cache");
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void valuesAreComputedOnceForAModelAndData() throws IOException {
        double[] first = computed(model, DATA);
        assertThat(computed(model, DATA)).isEqualTo(first);
        assertThat(computations).isEqualTo(1);
        assertThat(files()).hasSize(1);
        assertThat(notes).isEmpty();
    }

    @Test
    void valuesAreThoseOfTheModel() {
        ReferenceCache cache = new ReferenceCache(directory, notes::add);
        double[] live = new ReferenceLogProbs.Live(model).of(DATA);
        for (int run = 0; run < 2; run++) {
            assertThat(ReferenceLogProbs.precompute(model, DATA, cache).of(DATA))
                    .isEqualTo(live);
        }
        assertThat(ReferenceLogProbs.precompute(model, DATA).of(DATA)).isEqualTo(live);
    }

    @Test
    void anotherModelOrOtherDataHasItsOwnFile() throws IOException {
        computed(model, DATA);
        // One id, the length of a prompt, the order.
        computed(model, List.of(DATA.get(0), new EncodedExample(new int[] {3, 5}, 1)));
        computed(model, List.of(new EncodedExample(new int[] {3, 4, 5}, 2), DATA.get(1)));
        computed(model, List.of(DATA.get(1), DATA.get(0)));
        try (LanguageModel other = Tiny.other(folder)) {
            computed(other, DATA);
        }
        Torch.run(() -> TorchOps.copyInto(
                model.parameters().get("model.norm.weight"),
                model.parameters().get("model.norm.weight").add(1e-6f)));
        computed(model, DATA);
        assertThat(computations).isEqualTo(6);
        assertThat(files()).hasSize(6);
        assertThat(notes).isEmpty();
    }

    @Test
    void aDamagedFileIsReplacedAndSaidSo() throws IOException {
        double[] values = computed(model, DATA);
        Path file = files().get(0);
        byte[] good = Files.readAllBytes(file);
        for (int at : new int[] {0, 30, good.length / 2, good.length - 40, good.length - 1}) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(file, bad);
            assertThat(computed(model, DATA)).isEqualTo(values);
            assertThat(Files.readAllBytes(file)).isEqualTo(good);
        }
        Files.write(file, Arrays.copyOf(good, good.length - 1));
        assertThat(computed(model, DATA)).isEqualTo(values);
        Files.write(file, new byte[0]);
        assertThat(computed(model, DATA)).isEqualTo(values);
        assertThat(computations).isEqualTo(8);
        assertThat(notes).hasSize(7).allMatch(note -> note.contains("is damaged or not of this model and data"));
    }

    @Test
    void aFileUnderAnotherNameIsNotBelieved() throws IOException {
        computed(model, DATA);
        Path own = files().get(0);
        List<EncodedExample> exchanged = List.of(DATA.get(1), DATA.get(0));
        computed(model, exchanged);
        Path other =
                files().stream().filter(file -> !file.equals(own)).findFirst().orElseThrow();
        Files.write(own, Files.readAllBytes(other));
        computed(model, DATA);
        assertThat(computations).isEqualTo(3);
        assertThat(notes).hasSize(1);
    }

    @Test
    void aCacheThatCannotBeWrittenIsDoneWithout() throws IOException {
        Files.writeString(folder.resolve("home"), "in the way");
        assertThat(computed(model, DATA)).hasSize(2);
        assertThat(notes).hasSize(1).first().asString().contains("not kept for another run");
    }

    private double[] computed(LanguageModel of, List<EncodedExample> examples) {
        return new ReferenceCache(directory, notes::add).computed(of, examples, all -> {
            computations++;
            return new ReferenceLogProbs.Live(of).of(all);
        });
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }
}
