package dev.modelserving.api.rest;

import dev.modelserving.codec.InferBody;
import dev.modelserving.codec.InferResponseWriter;
import dev.modelserving.codec.PredictRequest;
import dev.modelserving.codec.PredictRequestReader;
import dev.modelserving.codec.PredictRequestWriter;
import dev.modelserving.codec.RequestBody;
import dev.modelserving.codec.ResponseBody;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.TensorMemory;
import java.util.OptionalInt;

/**
 * The Open Inference Protocol's own path: JSON, and binary data behind it.
 *
 * @param jsonLength how many bytes of the request are JSON, where it says so; else all are
 */
record InferDialect(OptionalInt jsonLength) implements Dialect {
    @Override
    public PredictRequest read(RequestBody body, ModelSignature signature, TensorMemory memory) {
        return PredictRequestReader.readInfer(InferBody.of(body, jsonLength), signature, memory);
    }

    @Override
    public OptionalInt write(
            ModelRef model, PredictRequest asked, String requestId, InferenceResponse response, ResponseBody target) {
        return InferResponseWriter.write(model, asked, response, target);
    }

    @Override
    public RequestBody inJson(PredictRequest asked, RequestBody body) {
        return jsonLength.isEmpty() ? body : RequestBody.of(PredictRequestWriter.tensors(asked.inference()));
    }

    @Override
    public ResponseBody inJson(ModelRef model, PredictRequest asked, InferenceResponse response, ResponseBody answer) {
        if (!asked.forms().isAnyBinary()) {
            return answer;
        }
        ResponseBody json = ResponseBody.onHeap();
        InferResponseWriter.write(model, asked.inJson(), response, json);
        return json;
    }
}
