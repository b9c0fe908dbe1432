package org.rlhf4j.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.DirectoryTransaction;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageException;
import org.rlhf4j.base.StorageFile;
import org.rlhf4j.base.StorageObserver;
import org.rlhf4j.base.StorageObserver.Step;
import org.rlhf4j.integration.faults.CrashingStorage.Damage;

/** Fails the first storage call, the second, the third, ... until the work passes: nothing may be half there. */
final class StorageFaultTest {
    private static final byte[] OLD = {1, 2, 3};
    private static final byte[] NEW = {4, 5, 6, 7};

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whicheverCallFailsAFileIsOldOrNew(boolean forGood, @TempDir Path directory) throws Exception {
        Path file = directory.resolve("latest");
        int failures = 0;
        boolean passed = false;
        while (!passed) {
            Files.write(file, OLD);
            Files.writeString(directory.resolve("bystander"), "untouched");
            Fault fault = new Fault(failures + 1, forGood);
            try {
                Storage.disk().observed(fault).writeAtomically(file, FaultyWork::writeNew);
                passed = true;
            } catch (StorageException e) {
                failures++;
                assertThat(e).hasMessage(file + ": cannot be written: injected at " + fault.failed);
                // Only the durability of the name is left to do when the new content stands.
                assertThat(file).hasBinaryContent(fault.failed == Step.SYNC_DIRECTORY ? NEW : OLD);
            }
            assertThat(leftovers(directory)).hasSizeLessThanOrEqualTo(forGood && !passed ? 1 : 0);
            for (Path leftover : leftovers(directory)) {
                Files.delete(leftover);
            }
            assertThat(content(directory).keySet()).containsExactly("bystander", "latest");
            assertThat(directory.resolve("bystander")).hasContent("untouched");
        }
        assertThat(file).hasBinaryContent(NEW);
        // Create, two writes, sync, close, rename, sync of the directory.
        assertThat(failures).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whicheverCallFailsADirectoryIsAbsentOrComplete(boolean forGood, @TempDir Path parent) throws Exception {
        int failures = 0;
        boolean passed = false;
        while (!passed) {
            Path target = parent.resolve("step-" + failures);
            Map<String, String> before = content(parent);
            Fault fault = new Fault(failures + 1, forGood);
            try {
                FaultyWork.saveModel(Storage.disk().observed(fault), target);
                passed = true;
            } catch (StorageException e) {
                failures++;
                assertThat(e).hasMessageEndingWith(": cannot be written: injected at " + fault.failed);
                if (Files.exists(target)) {
                    assertThat(fault.failed).isEqualTo(Step.SYNC_DIRECTORY);
                    assertThat(FaultyWork.isComplete(target)).isTrue();
                    FaultyWork.delete(target);
                }
            }
            if (!passed && forGood) {
                for (Path leftover : leftovers(parent)) {
                    FaultyWork.delete(leftover);
                }
            }
            assertThat(leftovers(parent)).isEmpty();
            if (!passed) {
                assertThat(content(parent)).isEqualTo(before);
            }
        }
        assertThat(FaultyWork.isComplete(parent.resolve("step-" + failures))).isTrue();
        // The directory; five calls for each of two files (one more write in one); sync, rename, sync.
        assertThat(failures).isEqualTo(1 + 4 + 5 + 3);
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void whereverThePowerFailsAFileIsOldOrNew(Damage damage, @TempDir Path directory) throws Exception {
        for (boolean loseNames : new boolean[] {false, true}) {
            List<Boolean> isNew = new ArrayList<>();
            for (int crashAt = 1; ; crashAt++) {
                Path file = directory.resolve("latest");
                Files.write(file, OLD);
                CrashingStorage storage = new CrashingStorage(crashAt);
                boolean passed = survives(() -> storage.writeAtomically(file, FaultyWork::writeNew));
                storage.losePower(damage, loseNames);
                byte[] content = Files.readAllBytes(file);
                assertThat(content).as("power lost at step %d", crashAt).isIn(OLD, NEW);
                isNew.add(java.util.Arrays.equals(content, NEW));
                for (Path leftover : leftovers(directory)) {
                    Files.delete(leftover);
                }
                if (passed) {
                    break;
                }
            }
            assertThat(isNew).hasSize(8).startsWith(false).endsWith(true);
        }
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void whereverThePowerFailsADirectoryIsAbsentOrComplete(Damage damage, @TempDir Path parent) throws Exception {
        for (boolean loseNames : new boolean[] {false, true}) {
            List<Boolean> complete = new ArrayList<>();
            for (int crashAt = 1; ; crashAt++) {
                Path target = parent.resolve("step");
                CrashingStorage storage = new CrashingStorage(crashAt);
                boolean passed = survives(() -> FaultyWork.saveModel(storage, target));
                storage.losePower(damage, loseNames);
                complete.add(Files.exists(target));
                if (Files.exists(target)) {
                    assertThat(FaultyWork.isComplete(target))
                            .as("power lost at step %d", crashAt)
                            .isTrue();
                    FaultyWork.delete(target);
                }
                for (Path leftover : leftovers(parent)) {
                    FaultyWork.delete(leftover);
                }
                if (passed) {
                    break;
                }
            }
            assertThat(complete).hasSize(14).startsWith(false).endsWith(true);
        }
    }

    /** Fails one call, or that and every later one. */
    private static final class Fault implements StorageObserver {
        private final int at;
        private final boolean forGood;
        private int calls;
        private Step failed = Step.CREATE;

        Fault(int at, boolean forGood) {
            this.at = at;
            this.forGood = forGood;
        }

        @Override
        public void before(Step step, Path path) throws IOException {
            calls++;
            if (calls == at) {
                failed = step;
                throw new IOException("injected at " + step);
            }
            if (calls > at && forGood) {
                throw new IOException("injected later");
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static boolean survives(Work work) throws IOException {
        try {
            work.run();
            return true;
        } catch (CrashingStorage.Crash e) {
            return false;
        }
    }

    private static List<Path> leftovers(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(path -> String.valueOf(path.getFileName()).startsWith(".tmp-"))
                    .toList();
        }
    }

    private static Map<String, String> content(Path directory) throws IOException {
        Map<String, String> content = new TreeMap<>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path path : entries.toList()) {
                content.put(
                        String.valueOf(path.getFileName()),
                        Files.isDirectory(path) ? "directory" : Storage.sha256(path));
            }
        }
        return content;
    }

    /** What is written in these tests. */
    private static final class FaultyWork {
        static void writeNew(StorageFile out) throws IOException {
            out.write(NEW, 0, 2);
            out.write(NEW, 2, 2);
        }

        static void saveModel(Storage storage, Path target) throws IOException {
            try (DirectoryTransaction directory = storage.beginDirectory(target)) {
                directory.write("config.json", OLD);
                directory.write("model.safetensors", FaultyWork::writeNew);
                directory.commit();
            }
        }

        static boolean isComplete(Path target) throws IOException {
            return content(target).size() == 2
                    && java.util.Arrays.equals(Files.readAllBytes(target.resolve("config.json")), OLD)
                    && java.util.Arrays.equals(Files.readAllBytes(target.resolve("model.safetensors")), NEW);
        }

        static void delete(Path directory) throws IOException {
            try (Stream<Path> entries = Files.list(directory)) {
                for (Path path : entries.toList()) {
                    Files.delete(path);
                }
            }
            Files.delete(directory);
        }
    }
}
