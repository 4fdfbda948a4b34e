package dev.modelserving.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One model in native memory. {@link #run} may be called by any number of threads at the same time; {@link #close} must
 * come after the last run has ended, or the process crashes (onnxruntime issue 21812). Each run computes on the thread
 * that calls it, with help of others if it was loaded so.
 */
public final class OrtModel implements AutoCloseable {
    /** Beyond that a run gives back at once what it took for intermediate results, which the next would seldom need. */
    private static final long LARGE_INPUT_BYTES = 1 << 20;

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final ModelSignature signature;
    private final List<String> outputNames;
    private final OutputShapes outputShapes;
    private final RunOptionsPool options = new RunOptionsPool();

    private OrtModel(OrtEnvironment environment, OrtSession session, ModelSignature signature) {
        this.environment = environment;
        this.session = session;
        this.signature = signature;
        this.outputNames = signature.outputNames();
        this.outputShapes = new OutputShapes(signature);
    }

    /** Loads a model each of whose runs is computed by the one thread that calls it. */
    public static OrtModel load(Path file) throws ModelLoadException {
        return load(file, 1);
    }

    /**
     * Loads an ONNX file, and the files of external data beside it. Blocks; takes memory of about the file's size.
     *
     * @param threads that compute a run: the one that calls it, and others that all runs of this model share
     * @throws ModelLoadException when it is no model that can be served
     */
    public static OrtModel load(Path file, int threads) throws ModelLoadException {
        // What it would write to stderr by itself comes as an exception too, or is said at each request.
        OrtEnvironment environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        try (OrtSession.SessionOptions sessionOptions = sessionOptions(threads)) {
            OrtSession session = environment.createSession(file.toString(), sessionOptions);
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

    /** The library's own defaults are for a machine that computes one model: a thread for each core, that spins. */
    private static OrtSession.SessionOptions sessionOptions(int threads) throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        // It would keep a plan for each shape that ever came (onnxruntime issue 11118).
        options.setMemoryPatternOptimization(false);
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
        options.addConfigEntry("session.inter_op.allow_spinning", "0");
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
        return run(request, TensorMemory.collected(), interrupt);
    }

    /**
     * The same with outputs that may lie in {@code memory}, which then has to stay as long as they are used.
     *
     * @see #run(InferenceRequest, RunInterrupt)
     */
    public InferenceResponse run(InferenceRequest request, TensorMemory memory, RunInterrupt interrupt) {
        List<String> wanted = request.outputs().isEmpty() ? outputNames : request.outputs();
        Optional<List<Shape>> shapes = outputShapes.of(request, wanted);
        boolean refused = false;
        if (shapes.isPresent()) {
            try {
                return runInto(place(wanted, shapes.get(), memory), request, interrupt);
            } catch (OrtException e) {
                if (interrupt.isInterrupted()) {
                    throw OrtFailure.ofRun(e, interrupt);
                }
                refused = true; // the memory, or the input: that shows without the memory
            }
        }
        try {
            InferenceResponse response = run(request, wanted, Map.of(), interrupt, result -> response(wanted, result));
            if (refused) {
                outputShapes.forget();
            } else {
                outputShapes.learn(request, wanted, response);
            }
            return response;
        } catch (OrtException e) {
            throw OrtFailure.ofRun(e, interrupt);
        }
    }

    /** Memory for outputs whose shapes are known. */
    private Map<String, Tensor> place(List<String> wanted, List<Shape> shapes, TensorMemory memory) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (int index = 0; index < shapes.size(); index++) {
            String name = wanted.get(index);
            TensorType type = signature.output(name).orElseThrow().type();
            int bytes = Math.toIntExact(Math.multiplyExact(shapes.get(index).elementCount(), type.byteSize()));
            outputs.put(name, new Tensor.Numbers(type, shapes.get(index), memory.allocate(bytes)));
        }
        return outputs;
    }

    private InferenceResponse runInto(Map<String, Tensor> outputs, InferenceRequest request, RunInterrupt interrupt)
            throws OrtException {
        Map<String, OnnxTensor> pinned = toOrt(outputs);
        try {
            return run(request, List.of(), pinned, interrupt, result -> new InferenceResponse(outputs));
        } finally {
            pinned.values().forEach(OnnxTensor::close);
        }
    }

    private Map<String, OnnxTensor> toOrt(Map<String, Tensor> tensors) throws OrtException {
        Map<String, OnnxTensor> made = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
                made.put(tensor.getKey(), OrtInputs.toOrt(environment, tensor.getValue()));
            }
            return made;
        } catch (OrtException | RuntimeException | Error e) {
            made.values().forEach(OnnxTensor::close);
            throw e;
        }
    }

    private interface Outputs {
        InferenceResponse of(OrtSession.Result result) throws OrtException;
    }

    private InferenceResponse run(
            InferenceRequest request,
            List<String> made,
            Map<String, OnnxTensor> pinned,
            RunInterrupt interrupt,
            Outputs outputs)
            throws OrtException {
        boolean large = bytesOf(request) > LARGE_INPUT_BYTES;
        Map<String, OnnxTensor> inputs = toOrt(request.inputs());
        RunOptions runOptions = options.take();
        try {
            if (large) {
                runOptions.addRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
            }
            interrupt.begin(runOptions);
            try (OrtSession.Result result = session.run(inputs, new LinkedHashSet<>(made), pinned, runOptions)) {
                return outputs.of(result);
            } finally {
                interrupt.end();
            }
        } finally {
            options.giveBack(runOptions, !large && !interrupt.isInterrupted());
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
        options.close();
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
