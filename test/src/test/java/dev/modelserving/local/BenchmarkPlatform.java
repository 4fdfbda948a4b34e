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
 * Emulated AWS services with the models of a folder ({@code <id>/1/model.onnx}), one after the other registered and made
 * champion; its environment goes to {@code environment} in the folder to work in, as lines NAME=value. Ends when its
 * standard input does.
 */
final class BenchmarkPlatform {
    private BenchmarkPlatform() {}

    /** A folder to work in, the folder with the models, and which of them. */
    public static void main(String[] args) throws Exception {
        Path work = Path.of(args[0]);
        try (LocalAws aws = LocalAws.start(work.resolve("aws"))) {
            ModelRegistration registration = SampleModels.registration(aws);
            for (String id : List.of(args).subList(2, args.length)) {
                ModelRef ref = ModelRef.of(id, 1);
                registration.register(ref, Path.of(args[1], id, "1"), "benchmark");
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
