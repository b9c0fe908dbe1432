package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.testing.JavaProcess;

/** Folders that look like a libtorch; only the last test loads one. */
class TorchLibraryTest {
    @TempDir
    private Path directory;

    private Path folder(String build, String... libraries) throws IOException {
        Path folder = Files.createDirectories(directory.resolve("libtorch/lib"));
        for (String library : libraries) {
            Files.writeString(folder.resolve(System.mapLibraryName(library)), "");
        }
        if (!build.isEmpty()) {
            Files.writeString(directory.resolve("libtorch/build-version"), build + "\n");
        }
        return folder;
    }

    private static TorchLibrary of(Path folder) {
        return TorchLibrary.of(folder.toString(), Optional.empty());
    }

    private static void requireRefused(Path folder, String... parts) {
        assertThatThrownBy(() -> of(folder))
                .isInstanceOf(EngineStartException.class)
                .message()
                .contains("PYTORCH_LIBRARY_PATH", "docs/gpu.md")
                .contains(parts)
                .hasLineCount(1);
    }

    @Test
    void aLibtorchForCudaSaysItsFlavorItself() throws IOException {
        assertThat(of(folder("2.7.1+cu128", "torch", "torch_cuda")).flavor()).isEqualTo("cu128");
    }

    @Test
    void aPythonPackageSaysItInItsModule() throws IOException {
        Path folder = folder("", "torch", "torch_cuda");
        Files.writeString(directory.resolve("libtorch/version.py"), "__all__ = ['x']\n__version__ = '2.7.1+cu128'\n");
        assertThat(of(folder).flavor()).isEqualTo("cu128");
    }

    @Test
    void withoutAWordTheLibrariesTellTheFlavor() throws IOException {
        assertThat(of(folder("", "torch")).flavor()).isEqualTo("cpu");
        assertThat(of(folder("", "torch", "torch_cuda")).flavor()).isEqualTo("cu128");
    }

    @Test
    void anotherVersionOrCudaIsRefused() throws IOException {
        requireRefused(folder("2.8.0+cu128", "torch", "torch_cuda"), "PyTorch 2.8.0+cu128, not 2.7.1");
        requireRefused(folder("2.7.1+cu118", "torch", "torch_cuda"), "cu118", "cpu and cu128");
        requireRefused(folder("2.7.10+cu128", "torch", "torch_cuda"), "2.7.10");
        requireRefused(folder("nightly"), "nightly");
    }

    @Test
    void aFlavorThatContradictsTheFolderIsRefused() throws IOException {
        Path folder = folder("2.7.1+cu128", "torch", "torch_cuda");
        assertThatThrownBy(() -> TorchLibrary.of(folder.toString(), Optional.of("cpu")))
                .isInstanceOf(EngineStartException.class)
                .hasMessageContaining("PYTORCH_FLAVOR is cpu");
    }

    @Test
    void aFolderWithoutTheLibrariesIsRefused() throws IOException {
        requireRefused(directory.resolve("none"), "no folder");
        requireRefused(folder(""), "holds no " + System.mapLibraryName("torch"));
        requireRefused(folder("2.7.1+cu128", "torch"), System.mapLibraryName("torch_cuda"));
        requireRefused(directory.resolve("libtorch"), "name its folder lib");
    }

    @Test
    void theEngineStartsFromAnUnpackedLibrary() {
        Torch.start();
        Path unpacked = Utils.getEngineCacheDir("pytorch").resolve(EngineStart.unpackedFolder());
        JavaProcess.Result result = new JavaProcess()
                .option("-DPYTORCH_LIBRARY_PATH=" + unpacked)
                .option("-Drlhf4j.device=cpu")
                .run(StartEngine.class);
        assertThat(result.output()).startsWith("started PyTorch 2.7.1").contains(" on cpu, ");
        assertThat(result.output().lines()).hasSize(1);
    }
}
