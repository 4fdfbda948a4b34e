/**
 * The values that the rest speaks in: which model, which tensors, what was asked, what came back, what went wrong. JDK
 * only; depends on nothing, and everything may depend on it.
 */
@NullMarked
package dev.modelserving.model;

import org.jspecify.annotations.NullMarked;
