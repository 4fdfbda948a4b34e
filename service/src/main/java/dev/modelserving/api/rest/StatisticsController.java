package dev.modelserving.api.rest;

import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import java.util.Optional;

/** Triton's statistics extension: what the versions in memory have done. */
@Controller("/v2/models")
final class StatisticsController {
    private final ServedModels models;

    StatisticsController(ServedModels models) {
        this.models = models;
    }

    @Get("/stats")
    StatisticsDocument all() {
        return of(Optional.empty(), Optional.empty());
    }

    @Get("/{model}/stats")
    StatisticsDocument ofModel(String model) {
        return of(Optional.of(model), Optional.empty());
    }

    @Get("/{model}/versions/{version}/stats")
    StatisticsDocument ofVersion(String model, String version) {
        return of(Optional.of(model), Optional.of(version));
    }

    private StatisticsDocument of(Optional<String> model, Optional<String> version) {
        return new StatisticsDocument(models.find(model, version).stream()
                .flatMap(found ->
                        found.statistics().map(done -> StatisticsDocument.Model.of(found.ref(), done)).stream())
                .toList());
    }
}
