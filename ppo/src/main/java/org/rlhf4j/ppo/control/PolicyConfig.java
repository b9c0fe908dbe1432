package org.rlhf4j.ppo.control;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;

/** What policy and critic look like: two networks with tanh between their layers that share nothing. */
public record PolicyConfig(
        @Doc("Sizes of the hidden layers of each network.") List<Integer> hiddenSizes,

        @Doc(
                "How continuous actions depart from their mean: gaussian (when absent) or state-dependent; not for discrete"
                        + " ones.")
        @Nullable
        Exploration exploration) {
    /** Two layers of 64, the network of the published figures. */
    public static final PolicyConfig DEFAULT = new PolicyConfig(List.of(64, 64), null);

    /** Checks the sizes. */
    public PolicyConfig {
        Require.that(!hiddenSizes.isEmpty(), "hiddenSizes", hiddenSizes, "name at least one layer");
        hiddenSizes.forEach(size -> Require.atLeast("hiddenSizes", size, 1));
        hiddenSizes = List.copyOf(hiddenSizes);
    }

    /** Size of the last hidden layer. */
    int latentSize() {
        return hiddenSizes.get(hiddenSizes.size() - 1);
    }
}
