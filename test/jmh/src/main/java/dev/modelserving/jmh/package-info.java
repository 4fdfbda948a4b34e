/** Benchmarks of the parts that every prediction passes, with JMH. Nothing depends on them. */
@NullMarked
package dev.modelserving.jmh;

import org.jspecify.annotations.NullMarked;
