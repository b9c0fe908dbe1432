package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class ParametersTest {
    private static Parameters two() {
        Parameters p = new Parameters();
        p.put("model.norm.weight", HostCopy.create(p.manager(), new Shape(3), new float[] {1, 2, 3}));
        p.put("lm_head.weight", HostCopy.create(p.manager(), new Shape(2, 3), new float[] {1, 2, 3, 4, 5, 6}));
        return p;
    }

    @Test
    void keepsOrderCountsWeightsAndTellsTrainableOnes() {
        Torch.run(() -> {
            try (Parameters p = two()) {
                assertThat(p.names()).containsExactly("model.norm.weight", "lm_head.weight");
                assertThat(p.count()).isEqualTo(9);
                assertThat(p.trainableNames()).isEmpty();
                p.setAllTrainable(true);
                p.setTrainable("model.norm.weight", false);
                assertThat(p.trainableNames()).containsExactly("lm_head.weight");
                assertThat(p.trainableCount()).isEqualTo(6);
                assertThat(p.get("lm_head.weight").hasGradient()).isTrue();
                assertThat(p.get("model.norm.weight").hasGradient()).isFalse();
            }
        });
    }

    @Test
    void anUnknownNameIsRefusedWithTheNearest() {
        Torch.run(() -> {
            try (Parameters p = two()) {
                assertThat(p.contains("lm_head")).isFalse();
                assertThatThrownBy(() -> p.get("lm_head.weigth"))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("\"lm_head.weigth\"")
                        .hasMessageContaining("lm_head.weight");
            }
        });
    }

    @Test
    void aNameIsTakenOnce() {
        Torch.run(() -> {
            try (Parameters p = two()) {
                assertThatThrownBy(() -> p.put("lm_head.weight", p.manager().zeros(new Shape(1))))
                        .hasMessage("there is a parameter \"lm_head.weight\" already");
            }
        });
    }

    @Test
    void whatIsPutInsideAScopeOutlivesIt() {
        Torch.run(() -> {
            try (Parameters p = new Parameters()) {
                Scope.run(() -> p.put("w", Torch.manager().ones(new Shape(2)).add(1)));
                assertThat(p.get("w").toFloatArray()).containsExactly(2, 2);
                assertThat(p.get("w").getManager()).isSameAs(p.manager());
            }
        });
    }

    @Test
    void anArrayWithANameStillReachesScriptedOperators() {
        Torch.run(() -> {
            try (Parameters p = new Parameters()) {
                NDArray named = p.manager().ones(new Shape(2));
                named.setName("model.layers.0.weight");
                assertThatThrownBy(() -> Scope.run(() -> TorchOps.silu(named))).hasMessageContaining("has the name");
                p.put("model.layers.0.weight", named);
                Scope.run(() -> assertThat(
                                TorchOps.silu(p.get("model.layers.0.weight")).size())
                        .isEqualTo(2));
            }
        });
    }

    @Test
    void aCopyIsFrozenAndIndependent() {
        Torch.run(() -> {
            try (Parameters p = two()) {
                p.setAllTrainable(true);
                try (Parameters copy = Scope.call(p::copy)) {
                    assertThat(copy.trainableNames()).isEmpty();
                    HostCopy.write(p.get("model.norm.weight"), new float[] {7, 8, 9});
                    assertThat(copy.get("model.norm.weight").toFloatArray()).containsExactly(1, 2, 3);
                    p.copyFrom(copy);
                    assertThat(p.get("model.norm.weight").toFloatArray()).containsExactly(1, 2, 3);
                    assertThat(p.trainableNames()).hasSize(2);
                }
                assertThat(p.get("model.norm.weight").toFloatArray()).containsExactly(1, 2, 3);
            }
        });
    }

    @Test
    void copyingFromOtherNamesOrShapesChangesNothing() {
        Torch.run(() -> {
            try (Parameters p = two();
                    Parameters other = new Parameters();
                    Parameters reshaped = new Parameters()) {
                assertThatThrownBy(() -> p.copyFrom(other)).hasMessageContaining("different names");
                reshaped.put("model.norm.weight", reshaped.manager().zeros(new Shape(3)));
                reshaped.put("lm_head.weight", reshaped.manager().zeros(new Shape(3, 2)));
                assertThatThrownBy(() -> p.copyFrom(reshaped))
                        .hasMessageContaining("lm_head.weight")
                        .hasMessageContaining("(2, 3)")
                        .hasMessageContaining("(3, 2)");
                assertThat(p.get("model.norm.weight").toFloatArray()).containsExactly(1, 2, 3);
            }
        });
    }
}
