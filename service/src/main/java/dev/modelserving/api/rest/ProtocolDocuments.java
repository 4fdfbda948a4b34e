package dev.modelserving.api.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.modelserving.model.ModelSignature;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the Open Inference Protocol's paths tell of the server and of models, by the names of its specification. */
public final class ProtocolDocuments {
    /** As Triton calls ONNX models on ONNX Runtime. */
    public static final String PLATFORM = "onnxruntime_onnx";

    public static final String BACKEND = "onnxruntime";

    private ProtocolDocuments() {}

    /** $metadata_server_response. */
    @Serdeable
    public record Server(String name, String version, List<String> extensions) {
        /** This one. */
        public static final Server THIS = new Server(
                "model-serving",
                ServiceVersion.VALUE,
                List.of("binary_tensor_data", "classification", "model_configuration", "statistics"));
    }

    /** $live_server_response. */
    @Serdeable
    record Live(boolean live) {}

    /** $ready_server_response, whose field the specification calls {@code live}, and KServe and its client {@code ready}. */
    @Serdeable
    record Ready(boolean live, boolean ready) {}

    /** $ready_model_response. */
    @Serdeable
    record ModelReady(String name, boolean ready) {}

    /** $metadata_model_response. */
    @Serdeable
    record Model(
            String name,
            List<String> versions,
            String platform,
            List<ModelDocument.TensorDocument> inputs,
            List<ModelDocument.TensorDocument> outputs) {
        static Model of(String name, List<String> versions, ModelSignature signature) {
            return new Model(
                    name,
                    versions,
                    PLATFORM,
                    ModelDocument.TensorDocument.of(signature.inputs()),
                    ModelDocument.TensorDocument.of(signature.outputs()));
        }
    }

    /** $model_config_response, as far as it says something of a model here. */
    @Serdeable
    record Config(
            String name,
            String platform,
            String backend,
            @JsonProperty("max_batch_size") int maxBatchSize,
            List<ConfigTensor> input,
            List<ConfigTensor> output) {
        static Config of(String name, ModelConfiguration configuration) {
            return new Config(
                    name,
                    PLATFORM,
                    BACKEND,
                    configuration.maxBatchSize(),
                    configuration.inputs().stream().map(ConfigTensor::of).toList(),
                    configuration.outputs().stream().map(ConfigTensor::of).toList());
        }
    }

    @Serdeable
    record ConfigTensor(
            String name,
            @JsonProperty("data_type") String dataType,
            List<Long> dims,
            @Nullable Reshape reshape) {
        static ConfigTensor of(ModelConfiguration.Tensor tensor) {
            return new ConfigTensor(
                    tensor.name(),
                    tensor.dataType(),
                    tensor.dims(),
                    tensor.isOneValue() ? new Reshape(List.of()) : null);
        }
    }

    /** What the dimensions really are. */
    @Serdeable
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Reshape(List<Long> shape) {}
}
