package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.StorageObserver.Step;

final class StorageTest {
    private final Storage disk = Storage.disk();

    @Test
    void aFileIsCreatedAndReplaced(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("config.yaml");
        disk.writeAtomically(file, new byte[] {1, 2});
        assertThat(file).hasBinaryContent(new byte[] {1, 2});
        disk.writeAtomically(file, out -> {
            out.write(3);
            out.write(new byte[] {9, 4, 5, 9}, 1, 2);
            assertThat(out.write(ByteBuffer.wrap(new byte[] {6, 7}))).isEqualTo(2);
            assertThat(out.isOpen()).isTrue();
        });
        assertThat(file).hasBinaryContent(new byte[] {3, 4, 5, 6, 7});
        assertThat(names(directory)).containsExactly("config.yaml");
    }

    @Test
    void bytesAreDurableBeforeTheFileHasItsName(@TempDir Path directory) throws Exception {
        List<Step> steps = new ArrayList<>();
        disk.observed((step, path) -> steps.add(step)).writeAtomically(directory.resolve("a"), new byte[3]);
        assertThat(steps)
                .containsExactly(Step.CREATE, Step.WRITE, Step.SYNC, Step.CLOSE, Step.RENAME, Step.SYNC_DIRECTORY);
    }

    @Test
    void filesAndNamesAreDurableBeforeTheDirectoryHasItsName(@TempDir Path parent) throws Exception {
        List<String> steps = new ArrayList<>();
        Storage storage = disk.observed((step, path) -> steps.add(
                step + " " + parent.toAbsolutePath().relativize(path).toString().replaceAll("-\\w{8}(?=/|$)", "-R")));
        try (DirectoryTransaction directory = storage.beginDirectory(parent.resolve("model"))) {
            directory.write("b", new byte[1]);
            directory.commit();
        }
        assertThat(steps)
                .containsExactly(
                        "CREATE_DIRECTORY .tmp-model-R",
                        "CREATE .tmp-model-R/b",
                        "WRITE .tmp-model-R/b",
                        "SYNC .tmp-model-R/b",
                        "CLOSE .tmp-model-R/b",
                        "SYNC_DIRECTORY .tmp-model-R",
                        "RENAME model",
                        "SYNC_DIRECTORY ");
    }

    @Test
    void aLargeWriteArrivesWhole(@TempDir Path directory) throws Exception {
        byte[] content = new byte[(5 << 20) + 7];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 31 + (i >> 13));
        }
        Path file = directory.resolve("weights");
        disk.writeAtomically(file, out -> {
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(content.length).put(content).flip();
            assertThat(out.write(direct)).isEqualTo(content.length);
            assertThat(direct.hasRemaining()).isFalse();
        });
        assertThat(file).hasBinaryContent(content);
        disk.writeAtomically(file, content);
        assertThat(file).hasBinaryContent(content);
    }

    @Test
    void aWriterThatThrowsLeavesTheOldFile(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("a");
        disk.writeAtomically(file, new byte[] {1});
        assertThatThrownBy(() -> disk.writeAtomically(file, out -> {
                    out.write(2);
                    throw new IllegalStateException("the tensor is not finite");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the tensor is not finite");
        assertThatThrownBy(() -> disk.writeAtomically(file, out -> {
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(StorageException.class)
                .hasMessage(file + ": cannot be written: No space left on device");
        assertThat(file).hasBinaryContent(new byte[] {1});
        assertThat(names(directory)).containsExactly("a");
    }

    @Test
    void whereAFileCannotStandIsNamed(@TempDir Path directory) throws Exception {
        Path inNowhere = directory.resolve("none").resolve("a");
        assertThatThrownBy(() -> disk.writeAtomically(inNowhere, new byte[1]))
                .isInstanceOf(StorageException.class)
                .hasMessage(inNowhere + ": its directory does not exist")
                .satisfies(e -> assertThat(((StorageException) e).path()).isEqualTo(inNowhere));
        assertThatThrownBy(() -> disk.writeAtomically(directory, new byte[1]))
                .hasMessage(directory + ": is a directory, not a file");
        Path file = directory.resolve("a");
        disk.writeAtomically(file, new byte[1]);
        assertThatThrownBy(() -> disk.beginDirectory(file))
                .hasMessage(file.toAbsolutePath() + ": exists already and is not a directory");
        assertThatThrownBy(() -> disk.beginDirectory(file.resolve("below").resolve("run")))
                .isInstanceOf(StorageException.class)
                .hasMessage(file.toAbsolutePath() + ": is not a directory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"with space", "größe", "中文", "😀", "a.b-c_d", "-rf", "x'y\"z"})
    void anyNameWorks(String name, @TempDir Path directory) throws Exception {
        Path run = directory.resolve(name);
        try (DirectoryTransaction transaction = disk.beginDirectory(run)) {
            transaction.write(name, new byte[] {7});
            transaction.commit();
        }
        disk.writeAtomically(run.resolve(name), new byte[] {8});
        assertThat(run.resolve(name)).hasBinaryContent(new byte[] {8});
        assertThat(names(directory)).containsExactly(name);
    }

    @Test
    void theLongestNameWorksAndALongerOneIsRefused(@TempDir Path directory) throws Exception {
        String longest = "x".repeat(255);
        disk.writeAtomically(directory.resolve(longest), new byte[1]);
        assertThatThrownBy(() -> disk.writeAtomically(directory.resolve(longest + "x"), new byte[1]))
                .isInstanceOf(StorageException.class);
        String emoji = "x" + "😀".repeat(60);
        disk.writeAtomically(directory.resolve(emoji), new byte[1]);
        assertThat(names(directory)).containsExactlyInAnyOrder(longest, emoji);
    }

    @Test
    void aDirectoryAppearsOnlyWhenItIsCommitted(@TempDir Path parent) throws Exception {
        Path target = parent.resolve("a").resolve("b").resolve("model");
        try (DirectoryTransaction directory = disk.beginDirectory(target)) {
            directory.write("one", new byte[] {1});
            directory.write("two", out -> out.write(2));
            assertThat(target).doesNotExist();
            directory.commit();
        }
        assertThat(names(target)).containsExactly("one", "two");
        assertThat(names(target.resolveSibling(""))).containsExactly("model");
    }

    @Test
    void aFolderOfTheDirectoryIsWrittenWithItOrNotAtAll(@TempDir Path parent) throws Exception {
        Path target = parent.resolve("model");
        try (DirectoryTransaction directory = disk.beginDirectory(target)) {
            directory.write("folder/one", new byte[] {1});
            directory.write("folder/two", new byte[] {2});
        }
        assertThat(names(parent)).isEmpty();
        try (DirectoryTransaction directory = disk.beginDirectory(target)) {
            directory.write("folder/one", new byte[] {1});
            directory.write("folder/two", new byte[] {2});
            directory.commit();
        }
        assertThat(names(target)).containsExactly("folder");
        assertThat(names(target.resolve("folder"))).containsExactly("one", "two");
    }

    @Test
    void aDirectoryThatIsNotCommittedLeavesNothing(@TempDir Path parent) throws Exception {
        try (DirectoryTransaction directory = disk.beginDirectory(parent.resolve("model"))) {
            directory.write("one", new byte[] {1});
        }
        assertThatThrownBy(() -> {
                    try (DirectoryTransaction directory = disk.beginDirectory(parent.resolve("model"))) {
                        directory.write("one", out -> {
                            throw new IllegalStateException("stop");
                        });
                    }
                })
                .hasMessage("stop");
        assertThat(names(parent)).isEmpty();
    }

    @Test
    void anEmptyDirectoryIsTakenAndAFullOneRefused(@TempDir Path parent) throws Exception {
        Path target = Files.createDirectory(parent.resolve("model"));
        try (DirectoryTransaction directory = disk.beginDirectory(target)) {
            directory.write("one", new byte[] {1});
            directory.commit();
        }
        assertThatThrownBy(() -> disk.beginDirectory(target))
                .isInstanceOf(StorageException.class)
                .hasMessage(target.toAbsolutePath() + ": exists already and is not empty: name a new directory");
        assertThat(names(parent)).containsExactly("model");
        assertThat(names(target)).containsExactly("one");
    }

    @Test
    void aTargetThatWasFilledMeanwhileIsKept(@TempDir Path parent) throws Exception {
        Path target = parent.resolve("model");
        assertThatThrownBy(() -> {
                    try (DirectoryTransaction directory = disk.beginDirectory(target)) {
                        directory.write("one", new byte[] {1});
                        Files.createDirectory(target);
                        Files.writeString(target.resolve("precious"), "theirs");
                        directory.commit();
                    }
                })
                .hasMessage(target.toAbsolutePath() + ": exists already and is not empty: name a new directory");
        assertThat(target.resolve("precious")).hasContent("theirs");
        assertThat(names(parent)).containsExactly("model");
    }

    @Test
    void aTransactionRefusesMisuse(@TempDir Path parent) throws Exception {
        try (DirectoryTransaction directory = disk.beginDirectory(parent.resolve("model"))) {
            for (String name : List.of("../a", "a/../b", "a/b/c", "/a", ".", "..", "")) {
                assertThatThrownBy(() -> directory.write(name, new byte[1]))
                        .as(name)
                        .isInstanceOf(IllegalArgumentException.class);
            }
            directory.write("a", new byte[1]);
            assertThatThrownBy(() -> directory.write("a", new byte[1])).hasMessage("\"a\" is written twice");
            directory.commit();
            assertThatThrownBy(directory::commit).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> directory.write("b", new byte[1])).isInstanceOf(IllegalStateException.class);
        }
        assertThat(names(parent)).containsExactly("model");
    }

    @Test
    void linesAreThereAsSoonAsTheyAreAppended(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("metrics.jsonl");
        try (LineAppender lines = disk.appendLines(file)) {
            lines.append("{\"step\":1}");
            assertThat(file).hasContent("{\"step\":1}\n");
            lines.append("{\"loss\":\"é\"}");
            assertThatThrownBy(() -> lines.append("a\nb")).isInstanceOf(IllegalArgumentException.class);
        }
        AutoCloseable again;
        try (LineAppender lines = disk.appendLines(file)) {
            lines.append("3");
            again = lines;
        }
        again.close();
        assertThat(Files.readString(file)).isEqualTo("{\"step\":1}\n{\"loss\":\"é\"}\n3\n");
    }

    @Test
    void aLineTornByACrashStaysALineOfItsOwn(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("metrics.jsonl");
        Files.writeString(file, "1\n{\"st");
        try (LineAppender lines = disk.appendLines(file)) {
            lines.append("3");
        }
        assertThat(Files.readString(file)).isEqualTo("1\n{\"st\n3\n");
    }

    @Test
    void linesThatCannotBeWrittenAreHeldBackAndToldOnce(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("metrics.jsonl");
        boolean[] isFull = {false};
        Storage full = disk.observed((step, path) -> {
            if (step == Step.WRITE && isFull[0]) {
                throw new IOException("No space left on device");
            }
        });
        String reason = file + ": cannot be written: No space left on device";
        try (LineAppender lines = full.appendLines(file)) {
            lines.append("1");
            assertThat(lines.newTrouble()).isEmpty();
            isFull[0] = true;
            lines.append("2");
            lines.append("3");
            assertThat(lines.newTrouble()).contains(reason + "; its lines are kept and tried again");
            lines.append("4");
            assertThat(lines.newTrouble()).isEmpty();
            assertThatThrownBy(lines::flush)
                    .isInstanceOf(StorageException.class)
                    .hasMessage(reason);
            assertThat(file).hasContent("1\n");
            isFull[0] = false;
            lines.append("5");
            assertThat(file).hasContent("1\n2\n3\n4\n5\n");
            isFull[0] = true;
            lines.append("6");
            assertThat(lines.newTrouble()).isPresent();
            isFull[0] = false;
        }
        assertThat(file).hasContent("1\n2\n3\n4\n5\n6\n");
        isFull[0] = true;
        LineAppender lost = full.appendLines(file);
        lost.append("7");
        lost.append("8");
        assertThatThrownBy(lost::close).hasMessage(reason + "; lost of it: 2 lines");
        lost.close();
        assertThatThrownBy(() -> lost.append("9")).isInstanceOf(StorageException.class);
    }

    @Test
    void noMoreLinesAreHeldBackThanTheMemoryTakes(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("metrics.jsonl");
        Storage full = disk.observed((step, path) -> {
            if (step == Step.WRITE) {
                throw new IOException("No space left on device");
            }
        });
        LineAppender lines = full.appendLines(file);
        for (int i = 0; i < LineAppender.MAX_HELD; i++) {
            lines.append("1");
        }
        assertThatThrownBy(() -> lines.append("1")).hasMessage(file + ": cannot be written: No space left on device");
        assertThatThrownBy(lines::close).isInstanceOf(StorageException.class);
    }

    @Test
    void aLineThatCameThroughInPartIsContinued(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("metrics.jsonl");
        try (LineAppender lines = new TornStorage(disk).appendLines(file)) {
            lines.append("{\"step\":1}");
            assertThat(Files.readString(file)).isEqualTo("{\"s");
            lines.append("{\"step\":2}");
        }
        assertThat(Files.readString(file)).isEqualTo("{\"step\":1}\n{\"step\":2}\n");
    }

    @Test
    void aDirectoryTakesNoLines(@TempDir Path directory) {
        assertThatThrownBy(() -> disk.appendLines(directory)).isInstanceOf(StorageException.class);
    }

    @Test
    void theDigestIsThatOfTheStandard(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("a");
        // FIPS 180-2, appendix B.1; the empty string; and B.3, a million times "a".
        Files.writeString(file, "abc");
        assertThat(Storage.sha256(file)).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        Files.writeString(file, "");
        assertThat(Storage.sha256(file)).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        Files.writeString(file, "a".repeat(1_000_000));
        assertThat(Storage.sha256(file)).isEqualTo("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }

    @Test
    void missingSpaceIsToldBeforehand(@TempDir Path directory) throws Exception {
        Path target = directory.resolve("not").resolve("there");
        Storage.requireSpace(target, 0);
        assertThatThrownBy(() -> Storage.requireSpace(target, 1L << 60))
                .isInstanceOf(StorageException.class)
                .hasMessageStartingWith(target + ": needs 1209462790553 MiB of free space, but there are ");
        assertThatThrownBy(() -> Storage.requireSpace(target, Long.MAX_VALUE)).isInstanceOf(StorageException.class);
    }

    @Test
    void onlyTemporaryNamesAreLeftovers(@TempDir Path directory) throws Exception {
        Path left = Files.createFile(Storage.temporary(directory.resolve("run.owner.json")));
        Path folder = Files.createDirectory(Storage.temporary(directory.resolve("x".repeat(200))));
        Files.createFile(directory.resolve(".tmp-mine"));
        Files.createFile(directory.resolve("config.yaml"));
        assertThat(Storage.leftovers(directory)).containsExactlyInAnyOrder(left, folder);
        assertThat(Storage.leftovers(directory.resolve("none"))).isEmpty();
    }

    @Test
    void aNameThatIsTakenGetsANumber(@TempDir Path directory) throws Exception {
        Path wanted = directory.resolve("a");
        assertThat(Storage.unused(wanted)).isEqualTo(wanted);
        Files.createFile(wanted);
        Files.createSymbolicLink(directory.resolve("a-2"), directory.resolve("nowhere"));
        assertThat(Storage.unused(wanted)).isEqualTo(directory.resolve("a-3"));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(path -> String.valueOf(path.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
