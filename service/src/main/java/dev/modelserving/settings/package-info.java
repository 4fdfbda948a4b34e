/**
 * What the environment says, read once at the start and checked as a whole. JDK only; depends on nothing, and everything
 * may depend on it.
 */
@NullMarked
package dev.modelserving.settings;

import org.jspecify.annotations.NullMarked;
