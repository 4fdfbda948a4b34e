/**
 * Requests that are computed together: what may be joined, how rows are joined and split, how many pay by what was
 * measured, and whose turn it is when the processors are busy. May depend on {@code model}.
 */
@NullMarked
package dev.modelserving.batching;

import org.jspecify.annotations.NullMarked;
