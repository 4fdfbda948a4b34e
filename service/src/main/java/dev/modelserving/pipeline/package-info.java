/**
 * Step-functions mode: loads what is to be verified, verifies it, records the verdict, and ends. May depend on
 * {@code model}, {@code artifact}, {@code registry}, {@code runtime} and {@code verification}; nothing but the process
 * itself uses it.
 */
@NullMarked
package dev.modelserving.pipeline;

import org.jspecify.annotations.NullMarked;
