package dev.modelserving.serving;

import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.ModelId;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Sends the service requests of its own, so that its first callers find it as fast as later ones. */
public interface WarmUp {
    /**
     * Has each model answer its requests, again and again. Blocks; it does not fail, whatever happens to the requests.
     *
     * @param requests that the models are known to answer
     * @param limit for all of it
     */
    void run(Map<ModelId, List<InferenceRequest>> requests, Duration limit);
}
