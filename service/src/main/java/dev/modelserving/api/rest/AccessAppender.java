package dev.modelserving.api.rest;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.io.IOException;

/** Writes at once what {@link AccessEncoder} gives, and prepares nothing for a use of the event later. */
public final class AccessAppender extends ConsoleAppender<ILoggingEvent> {
    @Override
    protected void subAppend(ILoggingEvent event) {
        try {
            if (isStarted()) {
                writeOut(event);
            }
        } catch (IOException e) {
            started = false; // as the general appender does where nothing can be written any more
            addError("the access log ends", e);
        }
    }
}
