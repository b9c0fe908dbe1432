package org.rlhf4j.cli.console;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets a training run answer Ctrl-C (INT), a request to end (TERM) and a terminal that is gone (HUP): the first of them
 * only sets a flag, for {@code RunHooks.stopWhen}, and says so; INT or TERM once more ends the process at once. Closing
 * puts back what was done with these signals before.
 *
 * <p>What comes within a second of the first belongs to it: {@code timeout} sends its signal twice. A HUP never ends the
 * process: a shell whose terminal goes away sends one of its own, and a service manager one after TERM. Signals that the
 * process was started to ignore, as by {@code nohup}, stay ignored, which the virtual machine sees to.
 */
public final class Signals implements AutoCloseable {
    /** What a shell says of a process that a signal ended: this and the number of the signal. */
    private static final int BASE = 128;

    private static final String HANGUP = "HUP";
    private static final List<String> CAUGHT = List.of("INT", "TERM", HANGUP);
    private static final long SAME_REQUEST = Duration.ofSeconds(1).toNanos();

    private final Terminal terminal;
    private final IntConsumer halt;
    private final LongSupplier nanoTime;
    private final Deque<Runnable> putBack = new ArrayDeque<>();
    private volatile int first;
    private volatile long since;

    Signals(Terminal terminal, IntConsumer halt, LongSupplier nanoTime) {
        this.terminal = terminal;
        this.halt = halt;
        this.nanoTime = nanoTime;
    }

    /**
     * Catches the signals from now on. Where the virtual machine does not hand them out ({@code -Xrs}), they end the
     * process as ever.
     *
     * @param terminal is told of the first one
     */
    public static Signals watch(Terminal terminal) {
        Signals signals = new Signals(terminal, Runtime.getRuntime()::halt, System::nanoTime);
        CAUGHT.forEach(signals::take);
        return signals;
    }

    /** Whether one came. */
    public boolean received() {
        return first != 0;
    }

    /**
     * What the process ends with if it stops for the first one: {@link ExitCode#INTERRUPTED} and its like; empty where none came. It is asked when
     * the run has stopped, and waits until the line about it is written.
     */
    public synchronized OptionalInt exitCode() {
        return received() ? OptionalInt.of(BASE + first) : OptionalInt.empty();
    }

    @Override
    public void close() {
        while (!putBack.isEmpty()) {
            putBack.pop().run();
        }
    }

    /** One signal; on a thread of its own. */
    synchronized void deliver(String name, int number) {
        if (first == 0) {
            since = nanoTime.getAsLong();
            first = number;
            // The line that is redrawn ends here.
            terminal.note(
                    "%sSIG%s: stopping after this step, to write a checkpoint; once more stops at once",
                    terminal.interactive() ? "\n" : "", name);
        } else if (!name.equals(HANGUP) && nanoTime.getAsLong() - since >= SAME_REQUEST) {
            halt.accept(BASE + number);
        }
    }

    /**
     * Handles one signal here. By reflection: {@code sun.misc.Signal} is the only way to a signal in Java, in the module
     * {@code jdk.unsupported} of every JDK, and its use by name is a warning of the compiler.
     */
    private void take(String name) {
        try {
            Class<?> type = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Method handle = type.getMethod("handle", type, handlerType);
            Object signal = type.getConstructor(String.class).newInstance(name);
            int number = (int) type.getMethod("getNumber").invoke(signal);
            Object before = handle.invoke(null, signal, handler(handlerType, () -> deliver(name, number)));
            putBack.push(() -> restore(handle, signal, before));
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            // This virtual machine does not hand this signal out, or this system has none of that name.
        }
    }

    private static Object handler(Class<?> type, Runnable action) {
        InvocationHandler handler = new InvocationHandler() {
            @Override
            public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
                    throws ReflectiveOperationException {
                if (method.getDeclaringClass() == Object.class) {
                    return method.invoke(action, arguments);
                }
                action.run();
                return null;
            }
        };
        return Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {type}, handler);
    }

    private static void restore(Method handle, Object signal, Object before) {
        try {
            handle.invoke(null, signal, before);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a handler of the virtual machine's own cannot be put back", e);
        }
    }
}
