/**
 * What was predicted, to S3: sampled, numbered, gathered into compressed files off the request path, bounded in memory.
 * May depend on {@code model}, {@code settings}, {@code artifact} and {@code codec}.
 */
@NullMarked
package dev.modelserving.predictionlog;

import org.jspecify.annotations.NullMarked;
