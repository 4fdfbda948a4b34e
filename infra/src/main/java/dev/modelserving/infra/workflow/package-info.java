/**
 * The workflow that verifies, promotes and watches models: the state machine of {@code statemachine/ml-workflow.asl.json},
 * the task it verifies in, what starts it, and the state with which workflows of others run it.
 */
@NullMarked
package dev.modelserving.infra.workflow;

import org.jspecify.annotations.NullMarked;
