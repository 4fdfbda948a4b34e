/** A way in from outside the VPC, for callers with AWS credentials. */
@NullMarked
package dev.modelserving.infra.door;

import org.jspecify.annotations.NullMarked;
