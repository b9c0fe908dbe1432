package org.rlhf4j.lm.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;

class AdapterConfigTest {
    private static final String PLAIN = """
            {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "layers.1.mlp.up_proj"]}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private AdapterConfig read(String json) {
        try {
            return AdapterConfig.read(Files.writeString(folder.resolve(AdapterConfig.FILE), json));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private AdapterConfig with(String key, String value) {
        String json = PLAIN.strip();
        return read(json.substring(0, json.length() - 1) + ", \"" + key + "\": " + value + "}");
    }

    @Test
    void aNameMeansTheModulesThatEndWithIt() {
        AdapterConfig config = read(PLAIN);
        assertThat(config.targets("model.layers.0.self_attn.q_proj")).isTrue();
        assertThat(config.targets("model.layers.0.self_attn.xq_proj")).isFalse();
        assertThat(config.targets("model.layers.0.mlp.up_proj")).isFalse();
        assertThat(config.targets("model.layers.1.mlp.up_proj")).isTrue();
        assertThat(config.scaling("model.layers.0.self_attn.q_proj")).isEqualTo(2.0);
    }

    @Test
    void aTextIsAnExpressionOfTheWholeName() {
        AdapterConfig config = read("""
                {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ".*\\\\.(q|v)_proj"}
                """);
        assertThat(config.targets("model.layers.0.self_attn.v_proj")).isTrue();
        assertThat(config.targets("model.layers.0.self_attn.v_proj.x")).isFalse();
        AdapterConfig word = read("""
                {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": "q_proj"}
                """);
        assertThat(word.targets("model.layers.0.self_attn.q_proj"))
                .as("PEFT matches whole names by a text")
                .isFalse();
    }

    @Test
    void modulesMayBeExcluded() {
        AdapterConfig config = with("exclude_modules", "[\"layers.0.self_attn.q_proj\"]");
        assertThat(config.targets("model.layers.0.self_attn.q_proj")).isFalse();
        assertThat(config.targets("model.layers.1.self_attn.q_proj")).isTrue();
    }

    @Test
    void patternsGiveOtherRanksAndAlphas() {
        AdapterConfig config = read("""
                {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "use_rslora": true, "target_modules": "all-linear",
                 "rank_pattern": {"layers.1.*": 16}, "alpha_pattern": {"^model.layers.0.x": 2}}
                """);
        assertThat(config.rank("model.layers.1.x")).isEqualTo(16);
        assertThat(config.rank("model.layers.0.x")).isEqualTo(4);
        assertThat(config.scaling("model.layers.1.x")).isCloseTo(8 / 4.0, within(1e-12));
        assertThat(config.scaling("model.layers.0.y")).isCloseTo(8 / 2.0, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bias|\"all\"",
                "layer_replication|[[0, 4], [2, 5]]",
                "use_qalora|true",
                "loftq_config|{\"loftq_bits\": 4}",
                "layers_to_transform|[1]",
                "lora_bias|true",
                "target_parameters|[\"experts.up\"]",
                "trainable_token_indices|[1, 2]",
                "init_lora_weights|\"pissa\"",
                "a_key_of_tomorrow|true",
            })
    void whatIsNotSupportedIsRefusedByItsKey(String key, String value) {
        assertThatThrownBy(() -> with(key, value))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining(AdapterConfig.FILE)
                .hasMessageContaining("\"" + key + "\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "loftq_config|{}",
                "use_qalora|false",
                "layer_replication|null",
                "qalora_group_size|16",
                "megatron_core|\"x\""
            })
    void whatIsSwitchedOffIsNoReasonToRefuse(String key, String value) {
        assertThat(with(key, value).lora().rank()).isEqualTo(8);
    }

    @Test
    void anotherKindOfAdapterAndBadNumbersAreRefused() {
        assertThatThrownBy(() -> read(PLAIN.replace("LORA", "IA3"))).hasMessageContaining("peft_type");
        assertThatThrownBy(() -> read(PLAIN.replace("8", "0"))).hasMessageContaining("rank is 0");
        assertThatThrownBy(() -> with("rank_pattern", "{\"x\": 0}")).hasMessageContaining("rank_pattern");
        assertThatThrownBy(() -> with("rank_pattern", "{\"(\": 1}")).hasMessageContaining("regular expression");
    }

    @Test
    void anExpressionThatWouldNeverEndIsGivenUp() {
        String endless = "(([a-z_.0-9]+)+)+!";
        String module = "model.layers.0.self_attn.q_proj_of_a_long_name";
        assertThatThrownBy(
                        () -> with("rank_pattern", "{\"" + endless + "\": 4}").rank(module))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining(endless)
                .hasMessageContaining("takes too long to match the module " + module);
        LoraConfig targets = new LoraConfig(1, 1, 0, List.of(endless), false, false);
        assertThatThrownBy(() -> AdapterConfig.of(targets).targets(module)).hasMessageContaining("takes too long");
    }

    @Test
    void whatIsWrittenReadsBackEqual() {
        AdapterConfig config = new AdapterConfig(
                new LoraConfig(4, 3.5, 0.1, List.of("q_proj", "v_proj"), true, true),
                List.of(),
                Map.of("q_proj", 2),
                Map.of("v_proj", 7.0),
                List.of("score"),
                true,
                Optional.of("org/name"),
                Optional.of("main"));
        assertThat(read(Json.pretty(config.toJson("SEQ_CLS")))).isEqualTo(config);
    }

    @Test
    void settingsAreChecked() {
        assertThatThrownBy(() -> new LoraConfig(0, 1, 0, List.of("a"), false, false))
                .hasMessageContaining("rank is 0");
        assertThatThrownBy(() -> new LoraConfig(65_537, 1, 0, List.of("a"), false, false))
                .hasMessageContaining("must be at most 65536");
        assertThatThrownBy(() -> new LoraConfig(1, 0, 0, List.of("a"), false, false))
                .hasMessageContaining("alpha is 0");
        assertThatThrownBy(() -> new LoraConfig(1, 1, 1, List.of("a"), false, false))
                .hasMessageContaining("dropout");
        assertThatThrownBy(() -> new LoraConfig(1, 1, 0, List.of(), false, false))
                .hasMessageContaining("targets");
        assertThatThrownBy(() -> new LoraConfig(1, 1, 0, List.of("(a"), false, false))
                .hasMessageContaining("no regular expression");
        assertThatThrownBy(() -> new LoraConfig(1, 1, 0, List.of("all-linear", "a"), false, false))
                .hasMessageContaining("all-linear alone");
    }
}
