/**
 * Every way through the workflow's definition, in an interpreter of its language, with the answers of AWS mocked call by
 * call.
 */
@NullMarked
package dev.modelserving.deployment.interpreter;

import org.jspecify.annotations.NullMarked;
