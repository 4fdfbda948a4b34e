package dev.modelserving.codec;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** The parameter {@code timeout} of requests, which counts microseconds, as Triton's does. */
final class Timeouts {
    private Timeouts() {}

    /** 0 is none. */
    static Optional<Duration> ofMicros(long micros) {
        return micros == 0 ? Optional.empty() : Optional.of(Duration.of(micros, ChronoUnit.MICROS));
    }
}
