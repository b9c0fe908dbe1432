package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.testing.JavaProcess;

/** The machine is made up: what the library was built with, and which GPUs answer. */
class DeviceChoiceTest {
    private static final DeviceChoice.Library CPU = new DeviceChoice.Library(false);
    private static final DeviceChoice.Library CUDA = new DeviceChoice.Library(true);
    private static final int TWO_GPUS = 2;
    private static final int NO_GPU = 0;

    private static Device choose(String wanted, DeviceChoice.Library library, int gpus) {
        return new DeviceChoice(wanted).of(library, number -> number < gpus);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"auto", " AUTO ", ""})
    void byItselfItTakesTheFirstGpuWhereThereIsOne(String wanted) {
        assertThat(choose(wanted, CUDA, TWO_GPUS)).isEqualTo(Device.gpu(0));
        assertThat(choose(wanted, CUDA, NO_GPU)).isEqualTo(Device.cpu());
        assertThat(choose(wanted, CPU, TWO_GPUS)).isEqualTo(Device.cpu());
    }

    @Test
    void aNamedDeviceIsTaken() {
        assertThat(choose("cpu", CUDA, TWO_GPUS)).isEqualTo(Device.cpu());
        assertThat(choose("cuda", CUDA, TWO_GPUS)).isEqualTo(Device.gpu(0));
        assertThat(choose("cuda:1", CUDA, TWO_GPUS)).isEqualTo(Device.gpu(1));
    }

    @Test
    void aNamedGpuThatIsNotThereIsAnErrorAndNeverTheProcessor() {
        assertThatThrownBy(() -> choose("cuda:2", CUDA, TWO_GPUS))
                .isInstanceOf(EngineStartException.class)
                .hasMessageContaining("\"cuda:2\"")
                .hasMessageContaining("no GPU of number 2");
        assertThatThrownBy(() -> choose("cuda", CPU, TWO_GPUS))
                .isInstanceOf(EngineStartException.class)
                .hasMessageContaining("processors only")
                .hasMessageContaining("PYTORCH_LIBRARY_PATH");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:0", "cuda:1000"})
    void whatIsNoDeviceIsRefusedBeforeTheEngineStarts(String wanted) {
        assertThatThrownBy(() -> new DeviceChoice(wanted))
                .isInstanceOf(EngineStartException.class)
                .hasMessageContaining("\"" + wanted + "\"")
                .hasMessageContaining(DeviceChoice.VALUES);
    }

    @Test
    void aGpuThatIsAskedForHereIsOneClearLine() {
        JavaProcess.Result result =
                new JavaProcess().option("-Drlhf4j.device=cuda:7").run(StartEngine.class);
        assertThat(result.output().lines())
                .singleElement()
                .asString()
                .startsWith("EngineStartException: the device is \"cuda:7\"");
    }
}
