package dev.modelserving.infra;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The app in a process of its own, as the CDK CLI starts it: in a folder with {@code infra/stages}, with the context and
 * the folder for templates in its environment.
 */
record AppProcess(int exitCode, String output, String errors, Path templates) {
    private static final long DEADLINE_SECONDS = 120;

    /** A copy of what the app reads at synth. */
    static Path project(Path folder) {
        Path root = Path.of("..");
        try {
            Path stages = Files.createDirectories(folder.resolve("infra").resolve("stages"));
            try (Stream<Path> files = Files.list(root.resolve("infra").resolve("stages"))) {
                for (Path file : files.toList()) {
                    Files.copy(file, stages.resolve(file.getFileName()));
                }
            }
            Path image = Files.createDirectories(
                    folder.resolve("service").resolve("target").resolve("image"));
            Files.writeString(image.resolve("Dockerfile"), Synthesis.DOCKERFILE);
            Files.copy(root.resolve("cdk.json"), folder.resolve("cdk.json"));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param project made by {@link #project}
     * @param stage of {@code -c stage=}
     * @param variables of the environment beside the CLI's own
     */
    static AppProcess run(Path project, String stage, Map<String, String> variables) {
        Path templates = project.resolve("cdk.out");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ModelServing.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).directory(project.toFile());
        builder.environment().put("CDK_OUTDIR", templates.toString());
        builder.environment().put("CDK_CONTEXT_JSON", context(project, stage));
        builder.environment().putAll(variables);
        try {
            Path output = Files.createTempFile(project, "stdout", ".txt");
            Path errors = Files.createTempFile(project, "stderr", ".txt");
            Process process = builder.redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("not synthesised within %d s".formatted(DEADLINE_SECONDS));
            }
            return new AppProcess(process.exitValue(), Files.readString(output), Files.readString(errors), templates);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The names of the files that were written. */
    List<String> written() {
        if (!Files.exists(templates)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(templates)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String context(Path project, String stage) {
        try {
            ObjectNode context = (ObjectNode) StackTemplate.JSON
                    .readTree(Files.readString(project.resolve("cdk.json")))
                    .path("context");
            return context.put("stage", stage).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
