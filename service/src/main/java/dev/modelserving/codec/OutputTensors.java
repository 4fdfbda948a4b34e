package dev.modelserving.codec;

import dev.modelserving.model.ClassLabels;
import dev.modelserving.model.Tensor;
import java.util.Optional;

/** Writes outputs as the Open Inference Protocol has them, as objects with name, datatype, shape and data. */
final class OutputTensors {
    private static final byte[] PARAMETERS = JsonBytes.literal(",'parameters':{");
    private static final byte[] DATA = JsonBytes.literal(",'data':");
    private static final byte[] BINARY_SIZE = JsonBytes.literal("'binary_data_size':");
    private static final byte[] CLASSES = JsonBytes.literal("'classes':[");

    private final JsonBytes json;
    private final ElementWriter elements;

    OutputTensors(JsonBytes json) {
        this.json = json;
        this.elements = new ElementWriter(json);
    }

    void write(String name, Tensor tensor, Optional<ClassLabels> classes) {
        elements.beginTensor(name, tensor);
        if (classes.isPresent()) {
            json.put(PARAMETERS);
            writeClasses(classes.get());
            json.put('}');
        }
        json.put(DATA);
        elements.writeFlat(tensor);
        json.put('}');
    }

    /** The same when its data, {@code size} bytes, comes behind the JSON. */
    void writeBinary(String name, Tensor tensor, Optional<ClassLabels> classes, int size) {
        elements.beginTensor(name, tensor);
        json.put(PARAMETERS);
        if (classes.isPresent()) {
            writeClasses(classes.get());
            json.put(',');
        }
        json.put(BINARY_SIZE);
        json.putWhole(size);
        json.put('}');
        json.put('}');
    }

    /** As a field of an object that is begun. */
    void writeClasses(ClassLabels classes) {
        json.put(CLASSES);
        for (int index = 0; index < classes.names().size(); index++) {
            json.separate(index);
            String name = classes.names().get(index);
            if (classes.integers()) {
                json.putWhole(Long.parseLong(name));
            } else {
                json.putString(name);
            }
        }
        json.put(']');
    }
}
