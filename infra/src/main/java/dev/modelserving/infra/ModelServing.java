package dev.modelserving.infra;

import dev.modelserving.infra.settings.SettingsException;
import dev.modelserving.infra.settings.StageFile;
import dev.modelserving.infra.settings.StageSettings;
import dev.modelserving.infra.settings.StageSettings.NetworkKind;
import dev.modelserving.infra.workflow.DefinitionException;
import java.nio.file.Path;
import java.util.Optional;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.Tags;

/** {@code cdk synth -c stage=dev}: the stacks of a stage. */
public final class ModelServing {
    /** Where the settings of stages are; the CDK CLI runs the app in the repository's root. */
    private static final Path STAGES = Path.of("infra", "stages");
    /** The context of the image's build, as {@code mvn package} leaves it. */
    private static final Path IMAGE = Path.of("service", "target", "image");

    private final DataStack data;
    private final ServingStack serving;
    private final Optional<WorkflowStack> workflow;
    private final ObservabilityStack observability;

    ModelServing(App app, StageSettings settings, Path imageFolder) {
        StackProps.Builder props = StackProps.builder()
                .env(Environment.builder()
                        .region(settings.region())
                        .account(settings.account())
                        .build())
                .terminationProtection(settings.data().keep());
        this.data = new DataStack(
                app,
                name(settings, "data"),
                props.description("Model serving: models and registry").build(),
                settings);
        Optional<NetworkStack> network = settings.network().kind() == NetworkKind.EXISTING
                ? Optional.empty()
                : Optional.of(new NetworkStack(
                        app,
                        name(settings, "network"),
                        props.description("Model serving: network")
                                .terminationProtection(false)
                                .build(),
                        settings,
                        data));
        this.serving = new ServingStack(
                app,
                name(settings, "serving"),
                props.description("Model serving: the service")
                        .terminationProtection(false)
                        .build(),
                settings,
                data,
                network,
                imageFolder);
        this.workflow = settings.workflow().enabled()
                ? Optional.of(new WorkflowStack(
                        app,
                        name(settings, "workflow"),
                        props.description("Model serving: verification and promotion of models")
                                .build(),
                        settings,
                        data,
                        serving))
                : Optional.empty();
        this.observability = new ObservabilityStack(
                app,
                name(settings, "observability"),
                props.description("Model serving: dashboard and alarms").build(),
                settings,
                data,
                serving,
                workflow);
        Tags.of(app).add("model-serving:stage", settings.stage());
    }

    DataStack data() {
        return data;
    }

    ServingStack serving() {
        return serving;
    }

    /** Empty where a stage is to have none. */
    Optional<WorkflowStack> workflow() {
        return workflow;
    }

    ObservabilityStack observability() {
        return observability;
    }

    public static void main(String[] arguments) {
        App app = new App();
        Object stage = app.getNode().tryGetContext("stage");
        try {
            new ModelServing(app, StageFile.read(STAGES, String.valueOf(stage)), IMAGE);
        } catch (SettingsException | DefinitionException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
        app.synth();
    }

    private static String name(StageSettings settings, String part) {
        return settings.qualifiedName() + "-" + part;
    }
}
