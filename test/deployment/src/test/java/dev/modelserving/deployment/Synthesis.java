package dev.modelserving.deployment;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What {@code cdk synth} starts, on settings of our own. */
final class Synthesis {
    private Synthesis() {}

    /** Synthesises the stage {@code emulated} with these settings below {@code folder}; gives the folder of its templates. */
    static Path of(Path folder, String settings) throws Exception {
        Files.createDirectories(folder.resolve("infra/stages"));
        Files.writeString(folder.resolve("infra/stages/emulated.yaml"), settings);
        Files.createDirectories(folder.resolve("service/target/image"));
        Files.writeString(folder.resolve("service/target/image/Dockerfile"), "FROM scratch\n");
        ObjectNode context = (ObjectNode) new ObjectMapper()
                .readTree(Files.readString(Commands.ROOT.resolve("cdk.json")))
                .get("context");
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
                        "CDK_CONTEXT_JSON", context.put("stage", "emulated").toString()));
        return assembly;
    }
}
