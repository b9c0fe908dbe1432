package org.rlhf4j.lm.hub;

import java.io.Closeable;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response, read piece by piece as it arrives. The timeout of a request ends when its headers are there;
 * this one goes on: a silence of that length is an error.
 */
final class TimedBody implements BodySubscriber<TimedBody>, Closeable {
    private final Duration timeout;
    /** At most one piece that was asked for, and the end. */
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    private volatile Flow.@Nullable Subscription source;

    /** What arrives: bytes, or the end with or without a failure. */
    private record Event(
            @Nullable List<ByteBuffer> bytes, @Nullable Throwable failure) {}

    TimedBody(Duration timeout) {
        this.timeout = timeout;
    }

    @Override
    public CompletionStage<TimedBody> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        source = subscription;
        subscription.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
        events.add(new Event(item, null));
    }

    @Override
    public void onError(Throwable throwable) {
        events.add(new Event(null, throwable));
    }

    @Override
    public void onComplete() {
        events.add(new Event(null, null));
    }

    /**
     * Waits for the next piece.
     *
     * @return null at the end
     * @throws IOException if the connection was lost, or nothing came for too long
     */
    @Nullable
    List<ByteBuffer> next() throws IOException {
        Event event;
        try {
            event = events.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw HubClient.interrupted(e);
        }
        if (event == null) {
            throw new HttpTimeoutException("nothing was received for " + timeout.toSeconds() + " s");
        }
        if (event.failure != null) {
            String message = event.failure.getMessage();
            throw new IOException(message == null ? "the connection was lost" : message, event.failure);
        }
        if (event.bytes != null) {
            Objects.requireNonNull(source, "bytes come from a source").request(1);
        }
        return event.bytes;
    }

    /** Stops what is still on its way. */
    @Override
    public void close() {
        Flow.@Nullable Subscription subscription = source;
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
