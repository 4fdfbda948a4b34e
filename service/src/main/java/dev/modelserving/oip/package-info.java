/**
 * The JSON of the Open Inference Protocol, version 2: requests, responses, and the {@code examples.json} of a model,
 * which holds both. May depend on {@code model}. It stands below {@code api} because a model is checked on its examples
 * before it is served.
 */
@NullMarked
package dev.modelserving.oip;

import org.jspecify.annotations.NullMarked;
