package dev.modelserving.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One model in native memory. {@link #run} may be called by any number of threads at the same time; {@link #close} must
 * come after the last run has ended, or the process crashes (onnxruntime issue 21812). Each run computes on the thread
 * that calls it.
 */
public final class OrtModel implements AutoCloseable {
    /** Beyond that a run gives back at once what it took for intermediate results, which the next would seldom need. */
    private static final long LARGE_INPUT_BYTES = 1 << 20;

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final ModelSignature signature;

    private OrtModel(OrtEnvironment environment, OrtSession session, ModelSignature signature) {
        this.environment = environment;
        this.session = session;
        this.signature = signature;
    }

    /**
     * Loads an ONNX file, and the files of external data beside it. Blocks; takes memory of about the file's size.
     *
     * @throws ModelLoadException when it is no model that can be served
     */
    public static OrtModel load(Path file) throws ModelLoadException {
        // What it would write to stderr by itself comes as an exception too, or is said at each request.
        OrtEnvironment environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        try (OrtSession.SessionOptions options = options()) {
            OrtSession session = environment.createSession(file.toString(), options);
            try {
                ModelSignature signature = OrtSignature.of(session, OnnxOperators.limits(file));
                requireStrings(signature);
                return new OrtModel(environment, session, signature);
            } catch (OrtException | ModelLoadException | RuntimeException e) {
                session.close();
                throw e;
            } catch (IOException e) {
                session.close();
                throw new ModelLoadException("its operators cannot be read: " + e.getMessage(), e);
            }
        } catch (OrtException e) {
            throw OrtFailure.ofLoad(e);
        }
    }

    /** Whether strings can be passed is known when the model is loaded, not when somebody sends the first. */
    private static void requireStrings(ModelSignature signature) throws ModelLoadException {
        boolean hasStrings = Stream.concat(signature.inputs().stream(), signature.outputs().stream())
                .anyMatch(spec -> spec.type() == TensorType.BYTES);
        try {
            if (hasStrings) {
                OrtNative.get();
            }
        } catch (LinkageError e) {
            throw new ModelLoadException(
                    "it has strings, which cannot be passed to ONNX Runtime on this platform: " + e.getMessage(), e);
        }
    }

    /** One thread a run: for small models several callers beat one caller with many threads, and quotas are respected. */
    private static OrtSession.SessionOptions options() throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }

    public ModelSignature signature() {
        return signature;
    }

    /**
     * Computes the outputs that the request asks for. Blocks until they are there or {@code interrupt} ends the run.
     *
     * @param request checked against {@link #signature()}
     * @throws InferenceException INVALID_INPUT when the model refuses the values, MODEL_FAILED when it fails on them,
     *     DEADLINE_EXCEEDED when it was interrupted
     */
    public InferenceResponse run(InferenceRequest request, RunInterrupt interrupt) {
        List<String> wanted = request.outputs().isEmpty() ? signature.outputNames() : request.outputs();
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
            for (Map.Entry<String, Tensor> input : request.inputs().entrySet()) {
                inputs.put(input.getKey(), OrtInputs.toOrt(environment, input.getValue()));
            }
            if (bytesOf(request) > LARGE_INPUT_BYTES) {
                options.addRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
            }
            interrupt.begin(options);
            try (OrtSession.Result result = session.run(inputs, new LinkedHashSet<>(wanted), options)) {
                return response(wanted, result);
            } finally {
                interrupt.end();
            }
        } catch (OrtException e) {
            throw OrtFailure.ofRun(e, interrupt);
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static long bytesOf(InferenceRequest request) {
        long bytes = 0;
        for (Tensor tensor : request.inputs().values()) {
            bytes += tensor instanceof Tensor.Numbers numbers ? numbers.data().remaining() : 0;
        }
        return bytes;
    }

    private InferenceResponse response(List<String> wanted, OrtSession.Result result) throws OrtException {
        OrtOutputs outputs = new OrtOutputs();
        for (String name : wanted) {
            outputs.add(signature.output(name).orElseThrow(), result.get(name).orElseThrow());
        }
        return outputs.response();
    }

    /** Frees the native memory. */
    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
