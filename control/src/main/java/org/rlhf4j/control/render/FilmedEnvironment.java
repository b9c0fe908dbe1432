package org.rlhf4j.control.render;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.wrap.Wrapper;

/**
 * An environment whose first episode is filmed, from its first {@code reset} to the next one.
 *
 * @param <A> an action
 */
public final class FilmedEnvironment<A> implements Wrapper<A> {
    private final Environment<A> inner;
    private final Film film;
    private int episodes;

    /**
     * Films an environment.
     *
     * @param inner the environment, within any wrappers
     * @param width of a picture in pixels
     * @param height of a picture in pixels
     * @param mostFrames how many pictures are kept at most
     * @throws IllegalArgumentException if it cannot be drawn
     */
    public FilmedEnvironment(Environment<A> inner, int width, int height, int mostFrames) {
        if (!(inner.unwrapped() instanceof Drawable drawable)) {
            throw new IllegalArgumentException(inner.spec().id() + " cannot be drawn: "
                    + inner.unwrapped().getClass().getSimpleName() + " does not implement Drawable");
        }
        this.inner = inner;
        this.film = new Film(drawable, width, height, mostFrames);
    }

    @Override
    public Environment<A> inner() {
        return inner;
    }

    /** The film so far. */
    public Film film() {
        return film;
    }

    @Override
    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
        Reset reset = inner.reset(seed, options);
        episodes++;
        take();
        return reset;
    }

    @Override
    public Step step(A action) {
        Step step = inner.step(action);
        take();
        return step;
    }

    /** Without the pictures: a film that is restored begins there. */
    @Override
    public Optional<ObjectNode> saved() {
        return inner.saved().map(saved -> {
            ObjectNode around = Json.object();
            around.put("episodes", episodes);
            around.set("inner", saved);
            return around;
        });
    }

    @Override
    public void restore(JsonFields saved) {
        episodes = saved.int32("episodes");
        inner.restore(saved.object("inner"));
    }

    private void take() {
        if (episodes == 1) {
            film.take();
        }
    }
}
