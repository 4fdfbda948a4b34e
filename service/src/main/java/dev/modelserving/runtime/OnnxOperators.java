package dev.modelserving.runtime;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.modelserving.model.OperatorLimits;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads which operators an ONNX file uses, in its graph, in the subgraphs of its nodes and in its functions, without
 * building the file's messages (onnx.proto, fields of ModelProto, GraphProto, NodeProto, AttributeProto, FunctionProto).
 */
final class OnnxOperators {
    private static final int MOST_NESTED = 100;

    private final CodedInputStream file;
    private final Set<String> operators = new TreeSet<>();

    private enum Message {
        MODEL,
        GRAPH,
        NODE,
        ATTRIBUTE,
        FUNCTION
    }

    /** Which fields lead to operators, by the message that they are in. */
    private static final Map<Message, Map<Integer, Message>> FIELDS = Map.of(
            Message.MODEL, Map.of(7, Message.GRAPH, 25, Message.FUNCTION),
            Message.GRAPH, Map.of(1, Message.NODE),
            Message.NODE, Map.of(5, Message.ATTRIBUTE),
            Message.ATTRIBUTE, Map.of(6, Message.GRAPH, 11, Message.GRAPH),
            Message.FUNCTION, Map.of(7, Message.NODE));

    private static final int OPERATOR_OF_NODE = 4;

    /**
     * Which of ONNX Runtime's operators end the process (SIGFPE, SIGABRT, SIGSEGV, or a loop without end) when a tensor
     * has no rows. Found by running every operator's own tests (onnx.backend.test) with each dimension cut to 0.
     */
    private static final Set<String> NEED_ROWS = Set.of(
            "ConvTranspose",
            "DFT",
            "DynamicQuantizeLSTM",
            "GRU",
            "GridSample",
            "LSTM",
            "LpNormalization",
            "RNN",
            "STFT",
            "ScatterND",
            "Unique");

    /** The same when any other dimension is 0. */
    private static final Set<String> NEED_ELEMENTS = Set.of("Attention", "Conv", "OneHot", "QuantizeLinear", "TopK");

    private OnnxOperators(CodedInputStream file) {
        this.file = file;
    }

    /**
     * The names of the operators in {@code path}, in order.
     *
     * @throws IOException when it cannot be read, or is no ONNX file
     */
    static Set<String> in(Path path) throws IOException {
        try (InputStream stream = new BufferedInputStream(Files.newInputStream(path))) {
            CodedInputStream file = CodedInputStream.newInstance(stream);
            file.setSizeLimit(Integer.MAX_VALUE);
            OnnxOperators reader = new OnnxOperators(file);
            reader.read(Message.MODEL, 0);
            return reader.operators;
        }
    }

    /** What {@code path} cannot take. */
    static OperatorLimits limits(Path path) throws IOException {
        Set<String> all = in(path);
        List<String> needRows = all.stream().filter(NEED_ROWS::contains).toList();
        List<String> needElements = all.stream()
                .filter(operator -> NEED_ROWS.contains(operator) || NEED_ELEMENTS.contains(operator))
                .toList();
        return new OperatorLimits(needRows, needElements);
    }

    private void read(Message message, int depth) throws IOException {
        if (depth > MOST_NESTED) {
            throw new IOException("graphs nested more than " + MOST_NESTED + " deep");
        }
        for (int tag = file.readTag(); tag != 0; tag = file.readTag()) {
            int field = WireFormat.getTagFieldNumber(tag);
            Message inner = FIELDS.getOrDefault(message, Map.of()).get(field);
            if (inner != null) {
                int outer = file.pushLimit(file.readRawVarint32());
                read(inner, depth + 1);
                file.popLimit(outer);
            } else if (message == Message.NODE && field == OPERATOR_OF_NODE) {
                operators.add(file.readString());
            } else {
                file.skipField(tag);
            }
        }
    }
}
