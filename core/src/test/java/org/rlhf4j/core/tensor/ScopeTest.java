package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.Leaks;

class ScopeTest {
    private static boolean open(NDArray array) {
        return !((PtNDArray) array).isReleased();
    }

    @Test
    void aResultAttachedToALongLivedManagerIsFreedWithTheScope() {
        Torch.run(() -> {
            try (NDManager owner = Torch.manager().newSubManager()) {
                NDArray weight = owner.ones(new Shape(4));
                Leaks.assertNone(owner, 1, 50, () -> {
                    try (Scope scope = new Scope()) {
                        NDArray x = scope.manager().ones(new Shape(4));
                        // DJL attaches this to the weight's manager.
                        assertThat(weight.mul(x).getManager()).isSameAs(owner);
                    }
                });
                assertThat(open(weight)).isTrue();
            }
        });
    }

    @Test
    void theScopeItselfLeavesNothingInTheRootManager() {
        Torch.run(() -> Leaks.assertNone(
                Torch.manager(),
                1,
                50,
                () -> Scope.run(() -> {
                    try (Scope inner = new Scope()) {
                        inner.manager().ones(new Shape(2)).add(1);
                    }
                })));
    }

    @Test
    void whatIsKeptOutlivesTheScopeAndTheRestDoesNot() {
        Torch.run(() -> {
            try (NDManager owner = Torch.manager().newSubManager()) {
                NDArray kept;
                NDArray lost;
                try (Scope scope = new Scope()) {
                    NDArray x = scope.manager().ones(new Shape(2));
                    lost = x.add(1);
                    kept = scope.keep(x.add(2), owner);
                }
                assertThat(kept.toFloatArray()).containsExactly(3, 3);
                assertThat(open(lost)).isFalse();
            }
        });
    }

    @Test
    void whatIsPromotedLivesAsLongAsTheEnclosingScope() {
        Torch.run(() -> {
            NDArray promoted;
            try (Scope outer = new Scope()) {
                try (Scope inner = new Scope()) {
                    promoted = inner.keep(inner.manager().ones(new Shape(1)).add(1));
                }
                assertThat(promoted.getManager()).isSameAs(outer.manager());
                assertThat(promoted.toFloatArray()).containsExactly(2);
            }
            assertThat(open(promoted)).isFalse();
        });
    }

    @Test
    void arraysAreFreedWhenTheWorkFails() {
        Torch.run(() -> {
            NDArray[] made = new NDArray[1];
            assertThatThrownBy(() -> Scope.run(() -> {
                        made[0] = Torch.manager().ones(new Shape(1));
                        throw new IllegalStateException("on purpose");
                    }))
                    .hasMessage("on purpose");
            assertThat(open(made[0])).isFalse();
            Scope.run(() -> assertThat(Torch.manager().ones(new Shape(1)).toFloatArray())
                    .containsExactly(1));
        });
    }

    @Test
    void arraysOfTheEnclosingScopeSurviveTheInnerOne() {
        Torch.run(() -> Scope.run(() -> {
            NDArray outer = Torch.manager().ones(new Shape(1));
            Scope.run(() -> outer.add(1));
            assertThat(outer.toFloatArray()).containsExactly(1);
        }));
    }

    @Test
    void promotingWithoutAnEnclosingScopeIsRefused() {
        Torch.run(() -> {
            try (Scope scope = new Scope()) {
                NDArray x = scope.manager().ones(new Shape(1));
                assertThatThrownBy(() -> scope.keep(x)).hasMessageContaining("no enclosing scope");
            }
        });
    }

    @Test
    void scopesCloseInReverseOrderAndOnlyOnce() {
        Torch.run(() -> {
            Scope outer = new Scope();
            Scope inner = new Scope();
            assertThatThrownBy(outer::close).hasMessageContaining("reverse order");
            inner.close();
            inner.close();
            outer.close();
        });
    }

    @Test
    void aScopeOnAnotherThreadIsRefused() {
        assertThatThrownBy(Scope::new)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("wrap it in Torch.call or Torch.run");
    }
}
