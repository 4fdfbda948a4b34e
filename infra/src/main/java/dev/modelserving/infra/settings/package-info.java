/**
 * What a stage is to be: one file each under {@code infra/stages}, read into records that refuse nonsense, with every
 * fault told at once. May depend on nothing else here but {@code network}'s and {@code service}'s tables of what AWS
 * offers.
 */
@NullMarked
package dev.modelserving.infra.settings;

import org.jspecify.annotations.NullMarked;
