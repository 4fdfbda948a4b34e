/** The workflow end to end: its definition, an emulated account, and the real service as the task and as a replica. */
@NullMarked
package dev.modelserving.deployment.workflow;

import org.jspecify.annotations.NullMarked;
