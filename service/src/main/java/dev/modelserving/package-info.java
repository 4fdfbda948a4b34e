/**
 * The service as a process: it is put together, started and stopped here. May depend on everything; nothing depends on
 * it.
 */
@NullMarked
package dev.modelserving;

import org.jspecify.annotations.NullMarked;
