/**
 * What the environment says, read once at the start and checked as a whole. May depend on {@code model}; everything may
 * depend on it.
 */
@NullMarked
package dev.modelserving.settings;

import org.jspecify.annotations.NullMarked;
