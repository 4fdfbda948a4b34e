/**
 * The service over HTTP: predictions, models, health, and what errors look like. May depend on every package below;
 * nothing depends on it. With {@code api.grpc} the only place that knows protocols' codes.
 */
@NullMarked
package dev.modelserving.api.rest;

import org.jspecify.annotations.NullMarked;
