package dev.modelserving.api.rest;

import java.util.List;
import java.util.stream.Collectors;

/** What was answered in one turn of an event loop: one logging event, and one write, for all of it. */
record AccessLines(List<AccessLine> lines) {
    AccessLines {
        lines = List.copyOf(lines);
    }

    /** One sentence a line. */
    @Override
    public String toString() {
        return lines.stream().map(AccessLine::toString).collect(Collectors.joining(System.lineSeparator()));
    }
}
