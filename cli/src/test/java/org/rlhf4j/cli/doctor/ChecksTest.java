package org.rlhf4j.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.rlhf4j.cli.doctor.Finding.Level;

/** Each check at the fault it looks for, which no test machine has. */
class ChecksTest {
    private static final long GIBIBYTE = 1L << 30;

    private static void expect(Finding finding, Level level, String... parts) {
        assertThat(finding.level()).as(finding.line()).isEqualTo(level);
        assertThat(finding.text()).contains(parts).hasLineCount(1);
    }

    @Test
    void anOldOrSmallJavaIsAProblem() {
        expect(Checks.java(17, "17.0.15 (X)", "64"), Level.OK, "JDK 17.0.15 (X), 64 bit");
        expect(Checks.java(11, "11.0.2 (X)", "64"), Level.PROBLEM, "JDK 11.0.2 (X) is too old", "17 or newer");
        expect(Checks.java(21, "21 (X)", "32"), Level.PROBLEM, "has 32 bit");
    }

    @Test
    void littleMemoryIsAWarningAndABadSettingAProblem() {
        expect(Checks.memory(() -> 16 * GIBIBYTE, 4 * GIBIBYTE), Level.OK, "16.00 GiB", "4.00 GiB");
        expect(Checks.memory(() -> GIBIBYTE, GIBIBYTE / 4), Level.WARNING, "1.00 GiB", "end other programs");
        expect(
                Checks.memory(
                        () -> {
                            throw new IllegalArgumentException("RLHF4J_MEMORY is \"much\": give a size");
                        },
                        1),
                Level.PROBLEM,
                "RLHF4J_MEMORY is \"much\"");
    }

    @Test
    void aDirectoryMustTakeFilesAndHaveRoom() {
        Path path = Path.of("home");
        expect(Checks.directory("home", path, Optional.empty(), 5 * GIBIBYTE, GIBIBYTE, "set X"), Level.OK, "5.00");
        expect(
                Checks.directory("home", path, Optional.of("AccessDeniedException"), 0, 0, "set X"),
                Level.PROBLEM,
                "home cannot be written (AccessDeniedException): set X");
        expect(
                Checks.directory("home", path, Optional.empty(), GIBIBYTE / 2, GIBIBYTE, "set X"),
                Level.PROBLEM,
                "0.50 GiB free, and 1.00 GiB are needed: free some space, or set X");
        expect(
                Checks.directory("runs", path, Optional.empty(), GIBIBYTE / 2, 0, "name another"),
                Level.WARNING,
                "0.50 GiB free",
                "name another");
    }

    @Test
    void aFileSystemWithoutLocksIsAWarning() {
        expect(Checks.locks(Optional::empty), Level.OK, "a second process is kept out");
        expect(Checks.locks(() -> Optional.of("no locks here")), Level.WARNING, "no locks here", "local disk");
        expect(
                Checks.locks(() -> {
                    throw new IOException("Read-only file system");
                }),
                Level.PROBLEM,
                "Read-only file system");
    }

    @Test
    void aSlowSyncIsAWarningAndNoneAProblem() {
        expect(Checks.sync(() -> Duration.ofMillis(12)), Level.OK, "after 12.0 ms");
        expect(Checks.sync(() -> Duration.ofSeconds(2)), Level.WARNING, "after 2000.0 ms, which is slow");
        expect(
                Checks.sync(() -> {
                    throw new IOException("Input/output error");
                }),
                Level.PROBLEM,
                "Input/output error",
                "another disk");
    }

    @Test
    void aClockThatIsWrongIsAWarning() {
        expect(Checks.clock(Instant.parse("2027-05-01T10:00:00Z"), "Asia/Tokyo"), Level.OK, "Asia/Tokyo");
        expect(Checks.clock(Instant.parse("1970-01-01T00:00:00Z"), "UTC"), Level.WARNING, "1970", "set its clock");
        expect(Checks.clock(Instant.parse("2100-01-02T00:00:00Z"), "UTC"), Level.WARNING, "2100");
    }

    @Test
    void namesThatCannotBeSpelledAreAWarning() {
        expect(Checks.locale("UTF-8", "tr_TR"), Level.OK, "tr_TR");
        expect(Checks.locale("ANSI_X3.4-1968", "en"), Level.WARNING, "LC_ALL=C.UTF-8");
    }

    @Test
    void aLibraryThatDoesNotStartIsOneLine() {
        expect(Checks.library(() -> "PyTorch 2.7.1", "cache"), Level.OK, "PyTorch 2.7.1, in cache");
        expect(
                Checks.library(
                        () -> {
                            throw new IllegalStateException("does not start:\n  no space\n\tat line 1");
                        },
                        "cache"),
                Level.PROBLEM,
                "does not start: no space at line 1");
        expect(
                Checks.library(
                        () -> {
                            throw new UnsatisfiedLinkError();
                        },
                        "cache"),
                Level.PROBLEM,
                "UnsatisfiedLinkError");
    }

    @Test
    void anOldProcessorIsAWarning() {
        expect(Checks.device(true, "amd64", Set.of()), Level.OK, "a GPU");
        expect(Checks.device(false, "amd64", Set.of("sse2", "avx2", "avx512f")), Level.OK, "(amd64, avx2, avx512f)");
        expect(Checks.device(false, "amd64", Set.of("sse2", "avx")), Level.WARNING, "without AVX2");
        expect(Checks.device(false, "aarch64", Set.of("asimd")), Level.OK, "(aarch64)");
        expect(Checks.device(false, "amd64", Set.of()), Level.OK, "(amd64)");
    }

    @Test
    void threadsThatWaitForEachOtherAreAWarning() {
        expect(Checks.threads(4, null, null, 0.5), Level.OK, "4 for a tensor operation, 4 processors");
        expect(Checks.threads(4, "1", "PASSIVE", -1), Level.OK, "1 for a tensor operation");
        expect(Checks.threads(4, "16", null, 0), Level.WARNING, "RLHF4J_THREADS is 16", "4 or less");
        expect(Checks.threads(4, null, "active", 0), Level.WARNING, "OMP_WAIT_POLICY");
        expect(Checks.threads(4, null, null, 7.25), Level.WARNING, "7.3 processes want 4 processors");
        expect(Checks.threads(4, "many", null, 0), Level.PROBLEM, "RLHF4J_THREADS is \"many\"");
    }
}
