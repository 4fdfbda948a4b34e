/** The service as tasks on Fargate: what they are given, what they may do, how they are replaced. */
@NullMarked
package dev.modelserving.infra.service;

import org.jspecify.annotations.NullMarked;
