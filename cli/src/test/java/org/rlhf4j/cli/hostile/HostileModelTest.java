package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DirectoryTransaction;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.safetensors.DType;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;
import org.rlhf4j.core.safetensors.SafetensorsWriter;
import org.rlhf4j.core.safetensors.TensorSource;
import org.rlhf4j.core.safetensors.WeightDirectory;

/** Model directories that are not what they should be, cases 20 to 28: nothing outside them is opened. */
class HostileModelTest {
    private static final String USE = "generate --model @model --prompt a --max-new-tokens 1";
    private static final String INDEX = "model/model.safetensors.index.json";
    private static final String FIRST = "model-00001-of-00002.safetensors";
    private static final String SECOND = "model-00002-of-00002.safetensors";

    private final HostileFiles files;
    private final Path model;

    HostileModelTest(@TempDir Path directory) {
        this.files = new HostileFiles(directory);
        this.model = directory.resolve("model");
    }

    @BeforeEach
    void model() {
        files.model("model");
    }

    @Test
    void withoutATokenizerThereIsNoText() throws IOException {
        byte[] tokenizer = files.read("model/tokenizer.json");
        Files.delete(model.resolve("tokenizer.json"));
        files.shows("20a", USE);
        files.write("model/tokenizer.json", Arrays.copyOf(tokenizer, 1000));
        files.shows("20b", USE);
        files.write("model/tokenizer.json", tokenizer);
        edit("tokenizer.json", json -> {
            ObjectNode added = (ObjectNode) json.path("added_tokens").path(0);
            ((ArrayNode) json.path("added_tokens"))
                    .add(added.deepCopy().put("id", 259).put("content", "<|more|>"));
        });
        files.shows("20c", USE);
    }

    @Test
    void whatIsNotSupportedIsNamed() {
        edit("config.json", json -> json.put("model_type", "mixtral"));
        files.shows("22a", USE);
        edit(
                "config.json",
                json -> json.put("model_type", "llama")
                        .putObject("rope_parameters")
                        .put("rope_type", "spiral")
                        .put("rope_theta", 10000.0));
        files.shows("22b", USE);
        edit(
                "config.json",
                json -> json.putNull("rope_parameters")
                        .putObject("quantization_config")
                        .put("quant_method", "gptq"));
        files.shows("22c", USE);
    }

    @Test
    void aConfigurationThatLiesIsFoundOutBeforeMemoryIsAskedFor() {
        edit("config.json", json -> json.put("num_attention_heads", 3));
        files.shows("23a", USE);
        edit("config.json", json -> json.put("num_attention_heads", 8).put("hidden_size", 1_000_000_000_000L));
        files.shows("23b", USE);
        edit("config.json", json -> json.put("hidden_size", 64).put("num_hidden_layers", -1));
        files.shows("23c", USE);
        edit("config.json", json -> json.put("num_hidden_layers", 2).put("vocab_size", 300));
        files.shows("23d", USE);
    }

    @Test
    void shardsAreWholeAndOnlyThoseOfTheIndex() throws IOException {
        shards();
        byte[] second = files.read("model/" + SECOND);
        Files.delete(model.resolve(SECOND));
        files.shows("24a", USE);
        files.write("model/" + SECOND, Arrays.copyOf(second, second.length - 100));
        files.shows("24b", USE);
        files.write("model/" + SECOND, second);
        files.write("model/model-00003-of-00003.safetensors", second);
        files.shows("24c", USE);
        Files.delete(model.resolve("model-00003-of-00003.safetensors"));
        files.write("model/" + FIRST, second);
        files.shows("24d", USE);
    }

    @Test
    void nothingOutsideTheModelIsOpened() throws IOException {
        shards();
        byte[] index = files.read(INDEX);
        edit(
                "model.safetensors.index.json",
                json -> ((ObjectNode) json.path("weight_map")).put("lm_head.weight", "../" + FIRST));
        files.shows("24e", USE);
        files.write(INDEX, index);
        Path outside = Files.move(model.resolve(SECOND), files.directory().resolve("secret"));
        Files.createSymbolicLink(model.resolve(SECOND), outside);
        files.shows("24f", USE);
    }

    @Test
    void aDamagedFileOfWeightsIsRefused() {
        byte[] weights = files.read("model/model.safetensors");
        files.write("model/model.safetensors", Arrays.copyOf(weights, 7));
        files.shows("25a", USE);
        byte[] damaged = weights.clone();
        ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN).putLong(0, Long.MAX_VALUE);
        files.write("model/model.safetensors", damaged);
        files.shows("25b", USE);
        damaged = weights.clone();
        damaged[8] = '[';
        files.write("model/model.safetensors", damaged);
        files.shows("25c", USE);
    }

    @Test
    void aWeightThatIsNoNumberIsRefused() {
        byte[] weights = files.read("model/model.safetensors");
        ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN).putFloat(weights.length - 4, Float.NaN);
        files.write("model/model.safetensors", weights);
        files.shows("26a", USE);
    }

    @Test
    void onlySafetensorsAreOpened() throws IOException {
        byte[] weights = files.read("model/model.safetensors");
        files.write("model/model.safetensors", "PK\3\4 and the rest of a checkpoint of PyTorch");
        files.shows("27a", USE);
        files.write("model/model.safetensors", new byte[] {(byte) 0x80, 2, '}', 'q', 0, '.', 0, 0, 0, 0, 0, 0});
        files.shows("27b", USE);
        Files.delete(model.resolve("model.safetensors"));
        files.write("model/pytorch_model.bin", weights);
        files.shows("27c", USE);
    }

    @Test
    void tensorsAreNeitherInventedNorDropped() {
        rename("model.norm.weight", "model.nose.weight");
        files.shows("28a", USE);
        edit("config.json", json -> json.put("tie_word_embeddings", true));
        rename("model.nose.weight", "model.norm.weight");
        files.shows("28b", USE);
    }

    /** Changes a name in the header of the weights; both are of one length. */
    private void rename(String from, String to) {
        String file = new String(files.read("model/model.safetensors"), StandardCharsets.ISO_8859_1);
        assertThat(file).contains(from);
        files.write("model/model.safetensors", file.replace(from, to).getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Puts the weights into two files. */
    private void shards() throws IOException {
        Path sharded = files.directory().resolve("sharded");
        try (WeightDirectory weights = WeightDirectory.open(model);
                DirectoryTransaction copy = Storage.disk().beginDirectory(sharded)) {
            List<TensorSource> tensors = weights.names().stream()
                    .map(name -> TensorSource.of(
                            name,
                            weights.readFloats(name, NonFinite.REFUSE),
                            weights.info(name).shape(),
                            DType.F32))
                    .toList();
            SafetensorsWriter.writeModel(copy, tensors, 300_000);
            copy.commit();
        }
        Files.delete(model.resolve("model.safetensors"));
        for (String name : List.of(FIRST, SECOND, "model.safetensors.index.json")) {
            Files.move(sharded.resolve(name), model.resolve(name));
        }
    }

    private void edit(String name, Consumer<ObjectNode> change) {
        ObjectNode json = (ObjectNode) Json.parse(files.read("model/" + name));
        change.accept(json);
        files.write("model/" + name, Json.write(json));
    }
}
