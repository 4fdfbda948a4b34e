package dev.modelserving.api.rest;

import dev.modelserving.serving.Serving;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import java.util.Map;

/** {@code GET /health/startup}: 503 until the service was ready for the first time; the container's health check. */
@Controller("/health/startup")
final class StartupController {
    private final Serving serving;

    StartupController(Serving serving) {
        this.serving = serving;
    }

    @Get
    HttpResponse<Map<String, String>> startup() {
        return serving.hasStarted()
                ? HttpResponse.ok(Map.of("status", "UP"))
                : HttpResponse.<Map<String, String>>status(HttpStatus.SERVICE_UNAVAILABLE)
                        .body(Map.of("status", "DOWN"));
    }
}
