package dev.modelserving.local;

import dev.modelserving.artifact.ArtifactFile;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.artifact.S3ArtifactStore;
import dev.modelserving.artifact.Sha256;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.registry.AliasRecord;
import dev.modelserving.registry.DynamoDbModelRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The models of {@code test/edge-models} and {@code test/broken-models}, and a way to register what no check would pass. */
final class OddModels {
    private static final String EXAMPLES = "examples.json";

    private OddModels() {}

    static Path edge(String name) {
        return Path.of("edge-models", name, "1");
    }

    /** Those that are answered over HTTP, with examples of right answers. */
    static List<String> edgeModelsWithExamples() throws IOException {
        try (Stream<Path> folders = Files.list(Path.of("edge-models"))) {
            return folders.map(folder -> folder.getFileName().toString())
                    .filter(name -> Files.exists(edge(name).resolve(EXAMPLES)))
                    .filter(name ->
                            !List.of("unicode-names", "optional-present").contains(name))
                    .sorted()
                    .toList();
        }
    }

    /** A broken model as a folder that could be registered, made below {@code work}. */
    static Path broken(String name, Path work) throws IOException {
        Path broken = Path.of("broken-models");
        if (Files.isDirectory(broken.resolve(name))) {
            return broken.resolve(name);
        }
        Path folder = Files.createDirectories(work.resolve(name));
        String file = Files.exists(broken.resolve(name + ".onnx")) ? name + ".onnx" : name + ".bin";
        Files.copy(broken.resolve(file), folder.resolve(Manifest.MODEL_FILE_NAME));
        Path examples = broken.resolve(name + ".examples.json");
        if (Files.exists(examples)) {
            Files.copy(examples, folder.resolve(EXAMPLES));
        }
        return folder;
    }

    /** Makes the folder's files the champion as if somebody had checked them. */
    static void registerUnchecked(LocalAws aws, ModelRef ref, Path folder) throws Exception {
        upload(aws, ref, folder);
        SampleModels.registration(aws).point(AliasRecord.CHAMPION, ref, "test");
    }

    /** Makes the folder's files a VERIFIED version, to which no alias points. */
    static void upload(LocalAws aws, ModelRef ref, Path folder) throws Exception {
        S3ArtifactStore store = new S3ArtifactStore(aws.s3(), LocalAws.ARTIFACTS_BUCKET);
        DynamoDbModelRegistry registry = new DynamoDbModelRegistry(aws.dynamoDb(), LocalAws.TABLE, Clock.systemUTC());
        List<ArtifactFile> files = new ArrayList<>();
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path file : found.filter(Files::isRegularFile).sorted().toList()) {
                String path = folder.relativize(file).toString();
                files.add(new ArtifactFile(path, Sha256.of(file), Files.size(file)));
                store.upload(file, Manifest.prefix(ref) + path);
            }
        }
        Manifest manifest = new Manifest(ref, files, Files.exists(folder.resolve(EXAMPLES)) ? EXAMPLES : null, "odd");
        store.create(Manifest.prefix(ref) + Manifest.FILE_NAME, manifest.toJson());
        registry.register(manifest);
        registry.recordVerified(manifest, new ModelSignature(List.of(), List.of()), null);
    }
}
