/**
 * The whole product on one machine: the emulated AWS services, the sample models, and the service as a process. For
 * trying it out and for end-to-end tests.
 */
@NullMarked
package dev.modelserving.local;

import org.jspecify.annotations.NullMarked;
