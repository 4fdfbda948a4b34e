package dev.modelserving.deployment.workflow;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.deployment.Commands;
import dev.modelserving.local.SampleModels;
import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders with what models consist of. */
final class Samples {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EXAMPLES = "examples.json";

    private Samples() {}

    static Path iris(long version) {
        return SampleModels.folder(ModelRef.of("iris", version));
    }

    /** A model that crashes the process that loads it. */
    static Path crashing() {
        return Commands.ROOT.resolve("test/edge-models/crash-at-load/1");
    }

    /** An iris whose first example asks for another label than the model gives. */
    static Path mistaken(Path folder) throws IOException {
        Path iris = iris(1);
        Files.copy(iris.resolve(Manifest.MODEL_FILE_NAME), folder.resolve(Manifest.MODEL_FILE_NAME));
        ObjectNode examples = (ObjectNode) JSON.readTree(iris.resolve(EXAMPLES).toFile());
        ArrayNode labels = (ArrayNode) examples.at("/examples/0/response/outputs/0/data");
        labels.set(0, labels.get(0).asInt() + 1);
        Files.writeString(folder.resolve(EXAMPLES), examples.toString());
        return folder;
    }
}
