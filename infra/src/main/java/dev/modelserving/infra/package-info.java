/**
 * The CDK app: reads a stage's settings and composes the constructs of the packages below into stacks. Stacks hold no
 * resources of their own making but keys and outputs; nothing depends on this package.
 */
@NullMarked
package dev.modelserving.infra;

import org.jspecify.annotations.NullMarked;
