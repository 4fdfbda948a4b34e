package dev.modelserving.infra;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelserving.infra.settings.StageFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.assertions.Template;

/** A stage, synthesised in this process with the feature flags of {@code cdk.json}. */
final class Synthesis {
    /** An image that needs nothing to be built. */
    static final String DOCKERFILE = "FROM scratch\n";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final App app;
    private final ModelServing stage;

    private Synthesis(App app, ModelServing stage) {
        this.app = app;
        this.stage = stage;
    }

    /** @param settings what would be in the stage's file */
    static Synthesis of(String settings) {
        App app = app();
        return new Synthesis(app, new ModelServing(app, StageFile.parse("test", settings), image()));
    }

    /** A stage whose file is in the repository. */
    static Synthesis ofFile(String stage) {
        App app = app();
        return new Synthesis(app, new ModelServing(app, StageFile.read(Path.of("stages"), stage), image()));
    }

    /** An empty app with the feature flags of {@code cdk.json}. */
    static App app() {
        return new App(AppProps.builder()
                .context(context())
                .outdir(folder().toString())
                .build());
    }

    App whole() {
        return app;
    }

    Template data() {
        return Template.fromStack(stage.data());
    }

    Template observability() {
        return Template.fromStack(stage.observability());
    }

    Template serving() {
        return Template.fromStack(stage.serving());
    }

    Template workflow() {
        return Template.fromStack(stage.workflow().orElseThrow());
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target", "cdk.out")), "app");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> context() {
        try {
            JsonNode file = JSON.readTree(Files.readString(Path.of("..", "cdk.json")));
            return JSON.convertValue(
                    file.get("context"), JSON.getTypeFactory().constructMapType(Map.class, String.class, Object.class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path image() {
        try {
            Path folder = Files.createDirectories(Path.of("target", "image"));
            Files.writeString(folder.resolve("Dockerfile"), DOCKERFILE);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
