/**
 * How a model comes into the registry: checked here, uploaded, written down, pointed to. May depend on {@code model},
 * {@code artifact}, {@code registry}, {@code runtime} and {@code verification}; the running service does not use it.
 */
@NullMarked
package dev.modelserving.registration;

import org.jspecify.annotations.NullMarked;
