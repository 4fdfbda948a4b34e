/**
 * The files of a model: what a complete version consists of, where it lies in S3, and the verified copies on local disk.
 * May depend on {@code model} and {@code settings}; the only user of the S3 SDK.
 */
@NullMarked
package dev.modelserving.artifact;

import org.jspecify.annotations.NullMarked;
