package org.rlhf4j.cli.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.train.TrainingConfig;

/** The settings of every command that trains a model on rows of text; implemented by its record of settings. */
public interface TrainConfig {
    /** The model to start from. */
    Path model();

    /** What is learned from. */
    Path data();

    /** What is held out, or null. */
    @Nullable
    Path evalData();

    /** How text becomes tokens. */
    TextEncoding encoding();

    /** What its layers compute in. */
    Dtype dtype();

    /** The adapter, if one is trained. */
    LoraSettings lora();

    /** The training loop. */
    TrainingConfig training();

    /** What a run with these settings is made from. */
    default RunSources sources() {
        List<Path> files = new ArrayList<>(List.of(data()));
        Path heldOut = evalData();
        if (heldOut != null) {
            files.add(heldOut);
        }
        return new RunSources(training().seed(), files, List.of(model()));
    }
}
