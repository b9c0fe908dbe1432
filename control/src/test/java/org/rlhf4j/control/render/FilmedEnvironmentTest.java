package org.rlhf4j.control.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.registry.Environments;

class FilmedEnvironmentTest {
    static List<String> ids() {
        return Environments.ids();
    }

    @Test
    void theFirstEpisodeIsFilmedAndOnlyThat() {
        FilmedEnvironment<Integer> env =
                new FilmedEnvironment<>(Environments.make("CartPole-v1", Integer.class), 40, 30, 100);
        int length = 0;
        env.reset(3);
        boolean done = false;
        while (!done) {
            done = env.step(0).done();
            length++;
        }
        env.reset();
        env.step(1);
        assertThat(env.film().steps()).isEqualTo(length).isBetween(7, 12);
        assertThat(env.film().frames()).hasSize(length + 1);
        assertThat(env.film().framesPerSecond()).isEqualTo(50);
    }

    @ParameterizedTest
    @MethodSource("ids")
    void everyEnvironmentShowsWhatHappens(String id) {
        filmed(Environments.make(id));
    }

    private static <A> void filmed(Environment<A> environment) {
        FilmedEnvironment<A> env = new FilmedEnvironment<>(environment, 200, 150, 10);
        assertThat(env.unwrapped()).isSameAs(environment.unwrapped());
        env.actionSpace().seed(1);
        env.reset(1);
        for (int t = 0; t < 5; t++) {
            env.step(env.actionSpace().sample());
        }
        // Below the number of the step, which changes by itself.
        List<List<Integer>> pictures = env.film().frames().stream()
                .map(frame -> FilmTest.pixels(frame.picture().getSubimage(0, 15, 200, 135)))
                .toList();
        assertThat(pictures).hasSize(6).doesNotHaveDuplicates();
        assertThat(env.film().framesPerSecond()).isBetween(1, 50);
    }
}
