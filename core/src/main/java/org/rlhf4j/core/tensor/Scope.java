package org.rlhf4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Frees every array that the tensor thread makes between its construction and its close, whichever manager the array is
 * attached to.
 *
 * <p>DJL attaches a result to the manager of its first operand, so {@code weight.mul(x)} would stay in the model's manager
 * for ever. Scopes nest; what shall outlive a scope is {@linkplain #keep(NDArray, NDManager) given to a manager} or
 * {@linkplain #keep(NDArray) promoted} to the enclosing scope.
 */
public final class Scope implements AutoCloseable {
    private static final Deque<Scope> OPEN = new ArrayDeque<>();

    private final @Nullable Scope enclosing;
    private final NDManager manager;
    private final NDScope arrays;
    private final List<NDArray> promoted = new ArrayList<>();
    private boolean closed;

    /** Opens a scope on the tensor thread. */
    public Scope() {
        Torch.requireTensorThread();
        enclosing = OPEN.peekLast();
        manager = Torch.manager().newSubManager();
        arrays = new NDScope();
        OPEN.addLast(this);
    }

    /** Runs {@code work} inside a scope and returns its result, which must not be an array of that scope. */
    public static <T extends @Nullable Object, E extends Exception> T call(Torch.Work<T, E> work) throws E {
        Scope scope = new Scope();
        try {
            return work.call();
        } finally {
            scope.close();
        }
    }

    /** Runs {@code action} inside a scope. */
    public static <E extends Exception> void run(Torch.Action<E> action) throws E {
        Scope scope = new Scope();
        try {
            action.run();
        } finally {
            scope.close();
        }
    }

    /** A manager for new arrays, closed with this scope. */
    public NDManager manager() {
        return manager;
    }

    /** Moves {@code array} to {@code owner}, beyond every scope. Returns it. */
    public NDArray keep(NDArray array, NDManager owner) {
        NDScope.unregister(array);
        array.attach(owner);
        return array;
    }

    /**
     * Hands {@code array} to the enclosing scope. Returns it.
     *
     * @throws IllegalStateException if there is no enclosing scope
     */
    public NDArray keep(NDArray array) {
        if (enclosing == null) {
            throw new IllegalStateException("no enclosing scope to keep the array in: name the manager that owns it");
        }
        keep(array, enclosing.manager);
        promoted.add(array);
        return array;
    }

    /** Frees the arrays of this scope; closing twice is harmless. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (OPEN.peekLast() != this) {
            throw new IllegalStateException("scopes close in the reverse order of their opening");
        }
        OPEN.removeLast();
        arrays.close();
        manager.close();
        promoted.forEach(NDScope::register);
    }
}
