package dev.modelserving.api.rest;

import dev.modelserving.serving.Serving;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gives each request an id, the caller's own where it has a usable form, and each answer what the service says of itself:
 * that id, and while this replica is leaving, that the connection ends here.
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
public final class RequestIds implements Ordered {
    public static final String HEADER = "X-Request-Id";

    private static final String ATTRIBUTE = "request-id";
    private static final Pattern USABLE = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    private final Serving serving;

    RequestIds(Serving serving) {
        this.serving = serving;
    }

    @RequestFilter
    void name(HttpRequest<?> request) {
        of(request);
    }

    @ResponseFilter
    void sign(HttpRequest<?> request, MutableHttpResponse<?> response) {
        response.getHeaders().set(HEADER, of(request));
        if (serving.isDraining()) {
            response.header(HttpHeaders.CONNECTION, "close");
        }
    }

    /** The request's id; the same for every call with one request. */
    static String of(HttpRequest<?> request) {
        return request.getAttribute(ATTRIBUTE, String.class).orElseGet(() -> {
            String id = of(request.getHeaders().getFirst(HEADER).orElse(null));
            request.setAttribute(ATTRIBUTE, id);
            return id;
        });
    }

    /** What was sent, where it is usable; else a new one, which is unique and may be guessed. */
    public static String of(@Nullable String sent) {
        if (sent != null && USABLE.matcher(sent).matches()) {
            return sent;
        }
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long version4 = (random.nextLong() & ~0xF000L) | 0x4000;
        long variant2 = (random.nextLong() & ~(3L << 62)) | (1L << 63);
        return new UUID(version4, variant2).toString();
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
