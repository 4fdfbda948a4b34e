/**
 * The AWS services that one machine needs to run the product: DynamoDB and S3, each as a process of its own on a free
 * loopback port. For the local platform and for tests; nothing that is deployed depends on it.
 */
@NullMarked
package dev.modelserving.emulators;

import org.jspecify.annotations.NullMarked;
