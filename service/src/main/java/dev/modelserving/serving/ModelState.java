package dev.modelserving.serving;

import java.util.Optional;

/**
 * Where a version stands in its life on this replica.
 *
 * @param explanation why, where that is worth a word; else empty
 */
public record ModelState(Phase phase, String explanation) {
    /**
     * DECLARED, DOWNLOADING, LOADING, WARMING, READY, in this order; FAILED from any before READY. From READY to EVICTED
     * when others need the memory, and to LOADING again on demand.
     */
    public enum Phase {
        DECLARED,
        DOWNLOADING,
        LOADING,
        WARMING,
        READY,
        EVICTED,
        FAILED
    }

    static ModelState of(Phase phase) {
        return new ModelState(phase, "");
    }

    static ModelState failed(String explanation) {
        return new ModelState(Phase.FAILED, explanation);
    }

    public Optional<String> reason() {
        return Optional.of(explanation).filter(text -> !text.isEmpty());
    }
}
