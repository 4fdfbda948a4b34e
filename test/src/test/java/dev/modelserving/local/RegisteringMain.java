package dev.modelserving.local;

import dev.modelserving.artifact.S3ArtifactStore;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import dev.modelserving.registry.DynamoDbModelRegistry;
import java.time.Clock;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;

/** Registers a sample as a version of a model and makes it the champion, in a process that can be killed. */
final class RegisteringMain {
    private RegisteringMain() {}

    /** Model, version, sample model, sample version. */
    public static void main(String[] args) throws Exception {
        try (S3Client s3 = S3Client.builder()
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .build();
                DynamoDbClient dynamoDb = DynamoDbClient.builder()
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .build()) {
            ModelRegistration registration = new ModelRegistration(
                    new S3ArtifactStore(s3, LocalAws.ARTIFACTS_BUCKET),
                    new DynamoDbModelRegistry(dynamoDb, LocalAws.TABLE, Clock.systemUTC()));
            ModelRef ref = ModelRef.of(args[0], Long.parseLong(args[1]));
            ModelRef sample = ModelRef.of(args[2], Long.parseLong(args[3]));
            registration.register(ref, SampleModels.folder(sample), "");
            registration.point(AliasRecord.CHAMPION, ref, "test");
        }
    }
}
