/**
 * The service over gRPC: the Open Inference Protocol, version 2, health and reflection. May depend on every package below,
 * and on {@code api.rest} for what both protocols have in common: how failures are told, the access log, pooled memory.
 */
@NullMarked
package dev.modelserving.api.grpc;

import org.jspecify.annotations.NullMarked;
