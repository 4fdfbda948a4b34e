/**
 * What an operator sees of a stage and is told of it: metrics that are counted from the service's log, alarms, a
 * dashboard, and the topic that all of it is told to. Knows {@code service}, {@code registry}, {@code door} and
 * {@code workflow} by their metrics only.
 */
@NullMarked
package dev.modelserving.infra.observability;

import org.jspecify.annotations.NullMarked;
