package dev.modelserving.local;

import dev.modelserving.artifact.ArtifactException;
import dev.modelserving.artifact.S3ArtifactStore;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelVersion;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registration.RegistrationException;
import dev.modelserving.registry.AliasRecord;
import dev.modelserving.registry.DynamoDbModelRegistry;
import dev.modelserving.registry.RegistryException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The models of {@code test/models}, as the build has put them together under {@code target/samples}. */
public final class SampleModels {
    private static final Map<String, String> DESCRIPTIONS = Map.of(
            "iris", "Species of an iris flower from four lengths",
            "penguins", "Species of a penguin from where it lives and its measures",
            "diabetes", "Disease progression a year after baseline",
            "digits", "Which handwritten digit is on an 8x8 image",
            "magika", "Content type of a file from its bytes",
            "all-minilm-l6-v2-q", "Sentence embedding, quantised",
            "breast-cancer", "Whether a tumour is benign, with a score for each class",
            "silero-vad", "Whether somebody speaks in a piece of sound");

    private SampleModels() {}

    /** Every version, by model and number. */
    public static List<ModelRef> all() throws IOException {
        try (Stream<Path> folders = Files.find(
                root(),
                2,
                (path, attributes) -> attributes.isDirectory() && path.getNameCount() == root().getNameCount() + 2)) {
            return folders.map(path -> new ModelRef(
                            new ModelId(path.getName(path.getNameCount() - 2).toString()),
                            ModelVersion.parse(path.getFileName().toString())))
                    .sorted()
                    .toList();
        }
    }

    /** The folder with the version's files. */
    public static Path folder(ModelRef ref) {
        return root().resolve(ref.id().value()).resolve(ref.version().toString());
    }

    /** Registers every version, and makes the highest one of each model its champion. What is registered stays as it is. */
    public static void registerAll(LocalAws aws)
            throws IOException, RegistrationException, ArtifactException, RegistryException {
        ModelRegistration registration = registration(aws);
        for (ModelRef ref : all()) {
            if (registration.register(
                    ref, folder(ref), DESCRIPTIONS.getOrDefault(ref.id().value(), ""))) {
                registration.point(AliasRecord.CHAMPION, ref, "local platform");
            }
        }
    }

    /** The way that users take too. */
    public static ModelRegistration registration(LocalAws aws) {
        return registration(aws, LocalAws.TABLE);
    }

    static ModelRegistration registration(LocalAws aws, String table) {
        return new ModelRegistration(
                new S3ArtifactStore(aws.s3(), LocalAws.ARTIFACTS_BUCKET),
                new DynamoDbModelRegistry(aws.dynamoDb(), table, Clock.systemUTC()));
    }

    private static Path root() {
        try {
            Path classes = Path.of(SampleModels.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return classes.resolveSibling("samples");
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
