package dev.modelserving.local;

import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Emulated AWS services with models, each the champion in a table of its own. A model's files are in {@code <name>/1} of a
 * folder, its table is {@code models-<name>}; {@code iris-alone} is version 2 of {@code iris}. The environment goes to
 * {@code environment} in the folder to work in, as lines NAME=value. Ends when its standard input does.
 */
final class BenchmarkPlatform {
    private static final String ALONE = "-alone";

    private BenchmarkPlatform() {}

    /** A folder to work in, the folder with the models, and their names. */
    public static void main(String[] args) throws Exception {
        Path work = Path.of(args[0]);
        try (LocalAws aws = LocalAws.start(work.resolve("aws"))) {
            for (String name : List.of(args).subList(2, args.length)) {
                String table = "models-" + name;
                aws.createTable(table);
                ModelRef ref = ModelRef.of(name.replace(ALONE, ""), name.endsWith(ALONE) ? 2 : 1);
                ModelRegistration registration = SampleModels.registration(aws, table);
                registration.register(ref, Path.of(args[1], name, "1"), "benchmark");
                registration.point(AliasRecord.CHAMPION, ref, "benchmark");
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
}
