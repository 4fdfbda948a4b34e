/** The network that tasks run in, and what they may reach from there. */
@NullMarked
package dev.modelserving.infra.network;

import org.jspecify.annotations.NullMarked;
