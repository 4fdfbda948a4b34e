package dev.modelserving.deployment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The CDK app, as {@code cdk synth} starts it, for the stage {@code emulated} with default settings. */
public final class SynthesisedApp {
    public static final String STAGE = "emulated";

    private SynthesisedApp() {}

    /** The path of the assembly: a folder in the given one. */
    public static Path assembly(Path folder) throws Exception {
        Files.createDirectories(folder.resolve("infra/stages"));
        Files.writeString(folder.resolve("infra/stages/%s.yaml".formatted(STAGE)), """
                region: %s
                account: "%s"
                """.formatted(
                        EmulatedAws.REGION, EmulatedAws.ACCOUNT));
        Files.createDirectories(folder.resolve("service/target/image"));
        Files.writeString(folder.resolve("service/target/image/Dockerfile"), "FROM scratch\n");
        ObjectNode context = (ObjectNode)
                Json.object(Files.readString(Commands.ROOT.resolve("cdk.json"))).get("context");
        Path assembly = folder.resolve("cdk.out");
        Commands.run(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.modelserving.infra.ModelServing"),
                folder,
                Map.of(
                        "CDK_OUTDIR", assembly.toString(),
                        "CDK_CONTEXT_JSON", context.put("stage", STAGE).toString()));
        return assembly;
    }
}
