package org.rlhf4j.cli.world;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.RankingPairs;
import org.rlhf4j.preference.TiePolicy;

class WorldDataTest {
    private static final TextWorld WORLD = new TextWorld();

    @Test
    void theBundledFilesAreWhatTheGeneratorMakes() throws IOException {
        for (Map.Entry<String, byte[]> file : WorldData.generate().entrySet()) {
            assertThat(WorldData.bundled(file.getKey())).as(file.getKey()).isEqualTo(file.getValue());
        }
    }

    @Test
    void theDataCardStatesTheChecksumOfEveryFile() throws IOException, NoSuchAlgorithmException {
        String card = new String(WorldData.bundled("README.md"), StandardCharsets.UTF_8);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        for (Map.Entry<String, byte[]> file : WorldData.generate().entrySet()) {
            String digest = HexFormat.of().formatHex(sha256.digest(file.getValue()));
            assertThat(card).contains("| `" + file.getKey() + "` | `" + digest + "` |");
        }
    }

    @Test
    void noTrioOfATestPromptOccursInTraining() throws IOException {
        Set<Set<String>> train = new HashSet<>();
        Set<String> trainPrompts = new HashSet<>();
        for (Ranking ranking : rankings(WorldData.TRAIN)) {
            train.add(order(ranking).trio());
            trainPrompts.add(order(ranking).prompt());
        }
        Set<String> testPrompts = new HashSet<>();
        for (Ranking ranking : rankings(WorldData.TEST)) {
            assertThat(train).doesNotContain(order(ranking).trio());
            testPrompts.add(order(ranking).prompt());
        }
        for (Ranking ranking : rankings(WorldData.VALIDATION)) {
            assertThat(trainPrompts)
                    .as("a prompt of the validation")
                    .doesNotContain(order(ranking).prompt());
        }
        assertThat(trainPrompts).hasSize(WorldData.TRAIN_ROWS);
        assertThat(testPrompts).hasSize(WorldData.TEST_ROWS);
    }

    @Test
    void theLabelsHoldTheNoiseThatTheDataCardStates() throws IOException {
        assertThat(WORLD.ceiling(pairs(WorldData.TEST))).isBetween(0.88, 0.91);
        assertThat(WORLD.ceiling(pairs(WorldData.TRAIN))).isBetween(0.88, 0.91);
    }

    @Test
    void countingWordsIsHardlyBetterThanGuessing() throws IOException {
        BagOfTokens baseline = BagOfTokens.fit(pairs(WorldData.TRAIN));
        assertThat(baseline.accuracy(pairs(WorldData.TEST))).isBetween(0.48, 0.56);
    }

    @Test
    void everyPieceOfEveryTextIsAToken() throws IOException {
        JsonNode tokenizer = Json.parse(WorldData.bundled("tokenizer.json"));
        JsonNode vocabulary = tokenizer.path("model").path("vocab");
        Pattern piece = Pattern.compile(
                tokenizer.path("pre_tokenizer").path("pattern").path("Regex").textValue());
        Set<String> pieces = new HashSet<>();
        for (String file : List.of(WorldData.TRAIN, WorldData.TEST)) {
            for (Ranking ranking : rankings(file)) {
                addPieces(piece, Words.text(ranking.prompt()), pieces);
                for (RankedCompletion completion : ranking.completions()) {
                    addPieces(piece, Words.text(completion.text()), pieces);
                }
            }
        }
        assertThat(pieces).allMatch(vocabulary::has);
        // All tokens occur, but for the four special ones.
        assertThat(pieces).hasSize(vocabulary.size() - 4);
    }

    private static void addPieces(Pattern piece, String text, Set<String> pieces) {
        Matcher matcher = piece.matcher(text);
        int end = 0;
        while (matcher.find()) {
            assertThat(matcher.start()).isEqualTo(end);
            end = matcher.end();
            pieces.add(matcher.group());
        }
        assertThat(end).isEqualTo(text.length());
    }

    @Test
    void theGeneratorWritesADirectory(@TempDir Path directory) throws IOException {
        WorldData.main(new String[] {directory.resolve("new/world").toString()});
        Path train = directory.resolve("new/world/" + WorldData.TRAIN);
        assertThat(Files.readAllBytes(train)).isEqualTo(WorldData.bundled(WorldData.TRAIN));
    }

    @Test
    void bundledFilesAreCopiedByName(@TempDir Path directory) throws IOException {
        WorldData.copy(Storage.disk(), WorldData.tokenizerFiles(), directory);
        assertThat(directory.resolve("tokenizer.json")).hasBinaryContent(WorldData.bundled("tokenizer.json"));
        assertThat(directory.resolve("tokenizer_config.json")).exists();
    }

    private static KitchenOrder order(Ranking ranking) {
        return KitchenOrder.of(Words.text(ranking.prompt()));
    }

    private static List<PreferencePair> pairs(String file) throws IOException {
        RankingPairs strategy = new RankingPairs(PairStrategy.ALL, TiePolicy.DROP);
        List<PreferencePair> pairs = new ArrayList<>();
        rankings(file).forEach(ranking -> pairs.addAll(strategy.of(ranking)));
        return pairs;
    }

    private static List<Ranking> rankings(String file) throws IOException {
        List<Ranking> rankings = new ArrayList<>();
        for (String line : new String(WorldData.bundled(file), StandardCharsets.UTF_8)
                .lines()
                .toList()) {
            JsonNode row = Json.parse(line);
            List<RankedCompletion> completions = new ArrayList<>();
            for (JsonNode completion : row.path("completions")) {
                completions.add(RankedCompletion.of(
                        completion.path("text").textValue(),
                        completion.path("rank").intValue()));
            }
            rankings.add(new Ranking(Content.of(row.path("prompt").textValue()), completions, Origin.NONE));
        }
        return rankings;
    }
}
