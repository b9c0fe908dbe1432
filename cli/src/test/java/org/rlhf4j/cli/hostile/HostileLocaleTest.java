package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.CommandRun;

/** Languages, time zones and clocks, case 45: the user's own change no byte of what is written or shown. */
class HostileLocaleTest {
    private static final Pattern CLOCK = Pattern.compile(
            "currentTimeMillis|(Instant|Local\\w+|ZonedDateTime|Clock)\\.(now|system\\w+)\\(|new Date\\(\\)");

    private final Locale language = Locale.getDefault();
    private final TimeZone zone = TimeZone.getDefault();
    private final Path directory;

    HostileLocaleTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @AfterEach
    void restore() {
        Locale.setDefault(language);
        TimeZone.setDefault(zone);
    }

    /** A small pipeline, with everything that it shows. */
    private List<CommandRun> pipeline(Path where) throws IOException {
        HostileFiles files = new HostileFiles(Files.createDirectory(where));
        files.write("TITLE.jsonl", HostileFiles.pairs(60));
        files.model("model");
        List<CommandRun> runs = new ArrayList<>();
        runs.add(files.run("data convert --in @TITLE.jsonl --out @out.jsonl --completions best"));
        runs.add(files.run("sft train --model @model --data @out.jsonl --out @run --set training.maxSteps=2"
                + " --set training.loggingSteps=1 --eval-data @out.jsonl"));
        runs.add(files.run("reward train --model @model --data @TITLE.jsonl --out @reward --set training.maxSteps=2"));
        runs.add(files.run("score --model @reward/model --in @out.jsonl"));
        return runs.stream()
                .map(run -> new CommandRun(
                        run.code(),
                        run.out().replace(where + "/", ""),
                        run.err().replace(where + "/", "").replaceAll("memory: .*", "")))
                .toList();
    }

    @Test
    void languageAndTimeZoneChangeNoByte() throws IOException {
        List<CommandRun> here = pipeline(directory.resolve("here"));
        assertThat(here).allMatch(run -> run.code() == 0);
        HostileCase.of("45a").isShownBy(here.get(1), directory);
        String[] zones = {"Europe/Istanbul", "Asia/Riyadh", "Europe/Berlin"};
        String[] tags = {"tr-TR", "ar-SA-u-nu-arab-ca-islamic", "de-DE"};
        for (int i = 0; i < tags.length; i++) {
            Locale.setDefault(Locale.forLanguageTag(tags[i]));
            TimeZone.setDefault(TimeZone.getTimeZone(zones[i]));
            Path there = directory.resolve(tags[i]);
            assertThat(pipeline(there)).as(tags[i]).isEqualTo(here);
            for (String name :
                    List.of("out.jsonl", "run/metrics.jsonl", "run/model/model.safetensors", "reward/metrics.jsonl")) {
                assertThat(there.resolve(name)).hasSameBinaryContentAs(directory.resolve("here/" + name));
            }
            String started = Json.read(there.resolve("run/provenance.json"))
                    .path("started")
                    .asText();
            assertThat(started).endsWith("Z");
            assertThat(Instant.parse(started)).isBefore(Instant.now());
        }
    }

    /** What a clock says is written down and never computed with, so a clock that jumps changes nothing. */
    @Test
    void theClockIsOnlyWrittenDown() throws IOException {
        List<String> uses = new ArrayList<>();
        try (Stream<Path> rooms = Files.list(HostileCase.ROOT)) {
            for (Path room : rooms.filter(each -> !each.endsWith("benchmarks")).toList()) {
                Path main = room.resolve("src/main/java");
                if (Files.isDirectory(main)) {
                    try (Stream<Path> files = Files.walk(main)) {
                        for (Path file : files.filter(each -> each.toString().endsWith(".java"))
                                .toList()) {
                            Matcher matcher = CLOCK.matcher(Files.readString(file));
                            while (matcher.find()) {
                                uses.add(file.getFileName() + ": " + matcher.group());
                            }
                        }
                    }
                }
            }
        }
        assertThat(uses)
                .containsExactlyInAnyOrder(
                        "TrainRun.java: Instant.now(",
                        "RunLock.java: Instant.now(",
                        // The day of a template: config.yaml and the model hold it from then on.
                        "TextEncoding.java: LocalDate.now(",
                        "ExampleEncoder.java: LocalDate.now(",
                        // The doctor looks whether the clock makes sense.
                        "Machine.java: Instant.now(");
    }
}
