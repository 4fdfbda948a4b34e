package dev.modelserving.local;

import dev.modelserving.artifact.Manifest;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Emulated AWS services with registries of models that are all champions. A registry is a folder with
 * {@code <model>/<version>/model.onnx}, and its table is {@code models-<registry>}. The end of a model's name tells how it is
 * joined: {@code -off} never, {@code -8} up to eight rows, with no proof of either. The environment goes to {@code
 * environment} in the folder to work in, as lines NAME=value. Ends when its standard input does.
 */
final class BenchmarkPlatform {
    private static final Pattern TWIN = Pattern.compile(".*-(off|\\d+)");

    private BenchmarkPlatform() {}

    /** A folder to work in, the folder with the registries, and their names. */
    public static void main(String[] args) throws Exception {
        Path work = Path.of(args[0]);
        try (LocalAws aws = LocalAws.start(work.resolve("aws"))) {
            for (String registry : List.of(args).subList(2, args.length)) {
                String table = "models-" + registry;
                aws.createTable(table);
                ModelRegistration registration = SampleModels.registration(aws, table);
                for (Path folder : versions(Path.of(args[1], registry))) {
                    String name = folder.getParent().getFileName().toString();
                    ModelRef ref = ModelRef.of(
                            name, Long.parseLong(folder.getFileName().toString()));
                    registration.register(ref, folder, "benchmark", details(name));
                    registration.point(AliasRecord.CHAMPION, ref, "benchmark");
                }
            }
            Map<String, String> environment = aws.environment();
            try (Stream<String> lines = environment.entrySet().stream().map(it -> it.getKey() + "=" + it.getValue())) {
                Path file = work.resolve("environment");
                Path unfinished = work.resolve("environment.part");
                Files.writeString(unfinished, lines.collect(Collectors.joining("\n")));
                Files.move(unfinished, file);
            }
            System.in.readAllBytes();
        }
    }

    private static List<Path> versions(Path registry) throws IOException {
        try (Stream<Path> files = Files.walk(registry)) {
            return files.filter(file -> file.endsWith(Manifest.MODEL_FILE_NAME))
                    .map(Path::getParent)
                    .sorted()
                    .toList();
        }
    }

    private static Manifest.Details details(String name) {
        Matcher twin = TWIN.matcher(name);
        if (!twin.matches()) {
            return Manifest.Details.NONE;
        }
        boolean off = twin.group(1).equals("off");
        return new Manifest.Details(
                off ? null : Integer.valueOf(twin.group(1)),
                off ? Manifest.Batching.OFF : Manifest.Batching.ON,
                Map.of(),
                Map.of());
    }
}
