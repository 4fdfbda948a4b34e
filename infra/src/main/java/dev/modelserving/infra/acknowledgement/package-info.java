/** What policy checks find fault with and stays as it is, with the reason, beside the resource that it is about. */
@NullMarked
package dev.modelserving.infra.acknowledgement;

import org.jspecify.annotations.NullMarked;
