/**
 * Whether a model does here what it should: it loads, and answers its examples. May depend on {@code model},
 * {@code runtime}, {@code codec}, {@code artifact} and {@code batching}.
 */
@NullMarked
package dev.modelserving.verification;

import org.jspecify.annotations.NullMarked;
