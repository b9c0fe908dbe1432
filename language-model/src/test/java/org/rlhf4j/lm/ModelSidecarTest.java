package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.lm.text.ChatFormat;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.lm.text.EncodingPolicy.OnOverlong;
import org.rlhf4j.lm.text.EncodingPolicy.OnUnknown;

class ModelSidecarTest {
    private static final ModelSidecar SIDECAR = new ModelSidecar(
            new EncodingPolicy(true, true, 512, OnOverlong.TRUNCATE, OnUnknown.ERROR, ChatFormat.CHATML), "ab12", null);

    private static ModelSidecar read(ObjectNode json) {
        return ModelSidecar.read(Json.write(json).getBytes(StandardCharsets.UTF_8), "m/rlhf4j.json");
    }

    @Test
    void readsBackAsItWasWritten() {
        assertThat(read(SIDECAR.toJson(true))).isEqualTo(SIDECAR);
        ModelSidecar scaled = SIDECAR.withScores(new ModelSidecar.Scores(-0.25, 1.5, 200));
        assertThat(read(scaled.toJson(true))).isEqualTo(scaled);
    }

    @Test
    void theFileLooksAsDocumented() {
        assertThat(Json.write(
                        SIDECAR.withScores(new ModelSidecar.Scores(0.5, 2, 3)).toJson(true)))
                .isEqualTo("{\"format_version\":1,\"encoding\":{\"add_bos\":true,\"add_eos\":true,\"max_length\":512,"
                        + "\"on_overlong\":\"truncate\",\"on_unknown\":\"error\",\"chat_format\":\"chatml\"},"
                        + "\"tokenizer_sha256\":\"ab12\",\"pooling\":\"last_token\","
                        + "\"scores\":{\"mean\":0.5,\"deviation\":2.0,\"count\":3}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'format_version': 2} | field \"format_version\" is 2, this version of RLHF4J reads 1",
                "{'pooling': 'mean'} | field \"pooling\" is \"mean\"",
                "{'extra': 1} | unknown field \"extra\"",
                "{'scores': {'mean': 0, 'deviation': 0, 'count': 3}} | give no scale",
                "{'tokenizer_sha256': null} | field \"tokenizer_sha256\" is null",
            })
    void damageIsNamed(String change, String message) {
        ObjectNode json = SIDECAR.toJson(true);
        json.setAll((ObjectNode) Json.parse(change.replace('\'', '"')));
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("m/rlhf4j.json: ")
                .hasMessageContaining(message);
    }
}
