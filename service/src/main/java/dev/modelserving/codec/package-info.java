/**
 * The JSON in which predictions are asked for and answered (the Open Inference Protocol's, rows, and columns), and the
 * {@code examples.json} of a model, which holds both. May depend on {@code model}. It stands below {@code api} because a
 * model is checked on its examples before it is served.
 */
@NullMarked
package dev.modelserving.codec;

import org.jspecify.annotations.NullMarked;
