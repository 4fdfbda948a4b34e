/**
 * ONNX Runtime: one loaded model, what it takes and gives, and running it. May depend on {@code model}; the only user of
 * {@code ai.onnxruntime}.
 */
@NullMarked
package dev.modelserving.runtime;

import org.jspecify.annotations.NullMarked;
