package dev.modelserving.api.rest;

import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Triton's model repository extension over HTTP, as far as {@link RepositoryIndex} has it. */
@Controller("/v2/repository")
final class RepositoryController {
    private final RepositoryIndex index;

    RepositoryController(RepositoryIndex index) {
        this.index = index;
    }

    /** @param ready whether only what is in memory is wanted */
    @Serdeable
    record Wanted(@Nullable Boolean ready) {}

    @Post("/index")
    List<RepositoryIndex.Entry> index(@Body @Nullable Wanted wanted) {
        return index.entries(wanted != null && Boolean.TRUE.equals(wanted.ready()));
    }

    @Post("/models/{model}/load")
    CompletionStage<Void> load(String model) {
        return CompletableFuture.failedFuture(RepositoryIndex.refusal("load"));
    }

    @Post("/models/{model}/unload")
    CompletionStage<Void> unload(String model) {
        return CompletableFuture.failedFuture(RepositoryIndex.refusal("unload"));
    }
}
