/** The buckets of the stage: models that a workflow trained, and what they predicted. */
@NullMarked
package dev.modelserving.infra.lake;

import org.jspecify.annotations.NullMarked;
