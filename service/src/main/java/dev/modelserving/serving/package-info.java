/**
 * Which model answers, and its whole life: routes, the loaded models and their leases, loading off the request path, and
 * the queue in front of the runtime. May depend on {@code model}, {@code settings}, {@code registry}, {@code artifact},
 * {@code runtime} and {@code verification}.
 */
@NullMarked
package dev.modelserving.serving;

import org.jspecify.annotations.NullMarked;
