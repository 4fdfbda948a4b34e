/**
 * Tests of the infrastructure and the service together: what the service calls is what it may call, and it runs on what
 * the stacks make.
 */
@NullMarked
package dev.modelserving.deployment;

import org.jspecify.annotations.NullMarked;
