package dev.modelserving.api.rest;

import dev.modelserving.codec.PredictRequest;
import dev.modelserving.codec.PredictRequestReader;
import dev.modelserving.codec.PredictResponseWriter;
import dev.modelserving.codec.RequestBody;
import dev.modelserving.codec.ResponseBody;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.TensorMemory;
import java.util.OptionalInt;

/** What the bodies of a prediction look like, which its path tells. */
sealed interface Dialect permits Dialect.Predict, InferDialect {
    /** {@code /predict/{model_id}}. */
    Dialect PREDICT = new Predict();

    /** @param memory where the tensors may lie, which then has to stay as long as they are used */
    PredictRequest read(RequestBody body, ModelSignature signature, TensorMemory memory);

    /**
     * Writes the answer.
     *
     * @return how many bytes of JSON there are when something else comes behind it
     */
    OptionalInt write(
            ModelRef model, PredictRequest asked, String requestId, InferenceResponse response, ResponseBody target);

    /** The request as a JSON document. */
    RequestBody inJson(PredictRequest asked, RequestBody body);

    /** The answer as a JSON document. */
    ResponseBody inJson(ModelRef model, PredictRequest asked, InferenceResponse response, ResponseBody answer);

    /** JSON in and out, in any form that {@code codec} knows. */
    record Predict() implements Dialect {
        @Override
        public PredictRequest read(RequestBody body, ModelSignature signature, TensorMemory memory) {
            return PredictRequestReader.read(body, signature, memory);
        }

        @Override
        public OptionalInt write(
                ModelRef model,
                PredictRequest asked,
                String requestId,
                InferenceResponse response,
                ResponseBody target) {
            PredictResponseWriter.write(model, asked, requestId, response, target);
            return OptionalInt.empty();
        }

        @Override
        public RequestBody inJson(PredictRequest asked, RequestBody body) {
            return body;
        }

        @Override
        public ResponseBody inJson(
                ModelRef model, PredictRequest asked, InferenceResponse response, ResponseBody answer) {
            return answer;
        }
    }
}
