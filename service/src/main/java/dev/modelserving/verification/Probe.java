package dev.modelserving.verification;

import dev.modelserving.codec.Tolerance;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;

/**
 * A request with the answer that it gets alone.
 *
 * @param rows one at least
 * @param tolerance how far its numbers may be off in company
 */
record Probe(InferenceRequest request, int rows, InferenceResponse alone, Tolerance tolerance, Variations.Kind kind) {}
