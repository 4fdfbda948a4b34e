/** One class that has to stand in ONNX Runtime's own package; everything else of ours is in {@code dev.modelserving}. */
@NullMarked
package ai.onnxruntime;

import org.jspecify.annotations.NullMarked;
