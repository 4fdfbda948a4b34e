/**
 * Which models and versions there are, and which version an alias points to. May depend on {@code model},
 * {@code settings} and {@code artifact} (a version's files); the only user of the DynamoDB SDK.
 */
@NullMarked
package dev.modelserving.registry;

import org.jspecify.annotations.NullMarked;
