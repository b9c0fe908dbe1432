package org.rlhf4j.control.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlhf4j.control.GoldenLines;
import org.rlhf4j.control.classic.CartPole;
import org.rlhf4j.control.vector.VectorEnvironment.AutoresetMode;
import org.rlhf4j.control.wrap.TimeLimit;

/** Against Gymnasium's {@code SyncVectorEnv} in its three autoreset modes ({@code vectors.py}). */
class SyncVectorGymnasiumTest {
    private static final int N = 3;

    @ParameterizedTest
    @EnumSource
    void stepsAndResetsEqualGymnasiums(AutoresetMode mode) {
        List<String[]> lines = GoldenLines.of("vectors.csv", ",").stream()
                .filter(line -> line[0].equals(mode.name()))
                .toList();
        VectorEnvironment<Integer> vector =
                new SyncVectorEnvironment<>(() -> new TimeLimit<>(new CartPole(), 12), N, mode);
        int ends = 0;
        int finals = 0;
        for (int row = 0; row < lines.size(); row += N) {
            List<String[]> rows = lines.subList(row, row + N);
            String kind = rows.get(0)[3];
            if (kind.equals("reset")) {
                assertObservations(rows, vector.reset(11L).observations());
            } else if (!kind.equals("step")) {
                assertObservations(rows, vector.reset(null, mask(rows)).observations());
            } else {
                VectorEnvironment.VectorStep step = vector.step(actions(rows));
                assertObservations(rows, step.observations());
                for (int i = 0; i < N; i++) {
                    assertStep(rows.get(i), step, i);
                    ends += step.terminated()[i] || step.truncated()[i] ? 1 : 0;
                    finals += step.finalObservations()[i] == null ? 0 : 1;
                }
            }
        }
        assertThat(ends).isGreaterThan(8);
        assertThat(finals).isEqualTo(mode == AutoresetMode.SAME_STEP ? ends : 0);
    }

    private static void assertStep(String[] line, VectorEnvironment.VectorStep step, int i) {
        String row = String.join(",", line);
        assertThat(step.rewards()[i]).as(row).isEqualTo(Double.parseDouble(line[5]));
        assertThat(step.terminated()[i]).as(row).isEqualTo(line[6].equals("1"));
        assertThat(step.truncated()[i]).as(row).isEqualTo(line[7].equals("1"));
        assertThat(step.finalObservations()[i]).as(row).isEqualTo(line[9].isEmpty() ? null : floats(line[9]));
        assertThat(step.finalInfos().get(i) == null).as(row).isEqualTo(line[9].isEmpty());
    }

    private static void assertObservations(List<String[]> rows, float[][] observations) {
        for (int i = 0; i < N; i++) {
            assertThat(observations[i]).as(String.join(",", rows.get(i))).containsExactly(floats(rows.get(i)[8]));
        }
    }

    private static List<Integer> actions(List<String[]> rows) {
        List<Integer> actions = new ArrayList<>();
        rows.forEach(line -> actions.add(Integer.valueOf(line[4])));
        return actions;
    }

    private static boolean[] mask(List<String[]> rows) {
        boolean[] mask = new boolean[N];
        for (int i = 0; i < N; i++) {
            mask[i] = rows.get(i)[3].equals("mask");
        }
        return mask;
    }

    private static float[] floats(String numbers) {
        String[] parts = numbers.split(" ", -1);
        float[] floats = new float[parts.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) Double.parseDouble(parts[i]);
        }
        return floats;
    }
}
