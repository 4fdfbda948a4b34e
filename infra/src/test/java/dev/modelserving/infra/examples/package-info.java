/** Apps of others that contain a stage, as docs/operations.md shows them. */
@NullMarked
package dev.modelserving.infra.examples;

import org.jspecify.annotations.NullMarked;
