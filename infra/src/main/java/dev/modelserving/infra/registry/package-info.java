/** The table that says which models there are, and which version of each is the champion. */
@NullMarked
package dev.modelserving.infra.registry;

import org.jspecify.annotations.NullMarked;
