package dev.modelserving.local;

import dev.modelserving.emulators.FreePort;
import dev.modelserving.local.ContainerImage.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The image as a container with half a processor, 512 MiB and no rights, on the host's network. Its two folders to write
 * to are volumes that the container engine makes as the image has them.
 */
final class ServiceContainer implements AutoCloseable {
    private final String name;
    private final ServiceProcess process;
    private final Path log;

    private ServiceContainer(String name, ServiceProcess process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /**
     * Starts it; does not wait. Its output goes to a file in {@code work}.
     *
     * @param options of podman, beside those that all have
     * @param command in the place of the image's own, which an empty one leaves
     */
    static ServiceContainer start(
            String image, Map<String, String> environment, Path work, List<String> options, List<String> command)
            throws IOException {
        String name = "model-serving-" + UUID.randomUUID();
        int port = FreePort.find();
        List<String> words = new ArrayList<>(List.of(ContainerImage.podman(), "run", "--rm", "--name", name));
        words.addAll(List.of("--network=host", "--ulimit=host", "--memory=512m", "--memory-swap=512m", "--cpus=0.5"));
        words.addAll(List.of("--cap-drop=all", "--security-opt=no-new-privileges", "--no-healthcheck"));
        environment.forEach((key, value) -> words.add("--env=" + key + "=" + value));
        words.add("--env=HTTP_PORT=" + port);
        words.addAll(options);
        words.add(image);
        words.addAll(command);
        Path log = work.resolve(name + ".log");
        return new ServiceContainer(
                name, ServiceProcess.start(words, port, ProcessBuilder.Redirect.to(log.toFile())), log);
    }

    /** The process that stands for the container: SIGTERM goes on to the service, and its exit code is the service's. */
    ServiceProcess process() {
        return process;
    }

    List<String> output() throws IOException {
        return Files.readAllLines(log);
    }

    /** Runs a program in the container. */
    Ended execute(String... command) {
        return ContainerImage.run(
                "podman.sh",
                Stream.concat(Stream.of("exec", name), Arrays.stream(command)).toArray(String[]::new));
    }

    /** When its process was started. */
    Instant startedAt() {
        return OffsetDateTime.parse(ContainerImage.podman(
                                "inspect",
                                "--format={{.State.StartedAt.Format \"2006-01-02T15:04:05.999999999Z07:00\"}}",
                                name)
                        .get(0))
                .toInstant();
    }

    /** What a line for bash writes in the container. */
    List<String> ask(String line) {
        return execute("/bin/bash", "-c", line).output();
    }

    @Override
    public void close() {
        process.close();
        ContainerImage.run("podman.sh", "rm", "--force", "--ignore", name);
    }
}
