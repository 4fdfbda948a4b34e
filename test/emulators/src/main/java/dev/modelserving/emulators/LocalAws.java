package dev.modelserving.emulators;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.GlobalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketAlreadyOwnedByYouException;

/**
 * DynamoDB and S3 on this machine with the registry's table and the two buckets in them, until {@link #close()}. Safe
 * for use by several threads.
 */
public final class LocalAws implements AutoCloseable {
    public static final String TABLE = "model-registry";
    public static final String ARTIFACTS_BUCKET = "model-artifacts";
    public static final String GOLD_BUCKET = "model-gold";

    private static final String REGION = "us-east-1";
    private static final String CREDENTIAL = "local";

    private final Emulator dynamoDbEmulator;
    private final Emulator s3Emulator;
    private final DynamoDbClient dynamoDb;
    private final S3Client s3;

    private LocalAws(Emulator dynamoDbEmulator, Emulator s3Emulator) {
        this.dynamoDbEmulator = dynamoDbEmulator;
        this.s3Emulator = s3Emulator;
        this.dynamoDb = DynamoDbClient.builder()
                .endpointOverride(dynamoDbEmulator.endpoint())
                .region(Region.of(REGION))
                .credentialsProvider(credentials())
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
        this.s3 = S3Client.builder()
                .endpointOverride(s3Emulator.endpoint())
                .forcePathStyle(true)
                .region(Region.of(REGION))
                .credentialsProvider(credentials())
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    /** Starts both at the same time; what a former run left under {@code dataFolder} is there again. Blocks. */
    public static LocalAws start(Path dataFolder) throws IOException {
        LocalAws aws = startRegistry(dataFolder);
        aws.awaitBuckets();
        return aws;
    }

    /**
     * Starts both at the same time, and waits only for the table: S3 takes longer, and what needs none of it yet can
     * start meanwhile. {@link #awaitBuckets()} is to be called next.
     */
    public static LocalAws startRegistry(Path dataFolder) throws IOException {
        Emulator dynamoDb = Emulator.launchDynamoDb(dataFolder.resolve("dynamodb"));
        Emulator s3 = Emulator.launchS3(dataFolder.resolve("s3"));
        LocalAws aws = new LocalAws(dynamoDb, s3);
        try {
            dynamoDb.awaitAnswer();
            aws.createTable(TABLE);
            return aws;
        } catch (IOException | RuntimeException e) {
            aws.close();
            throw e;
        }
    }

    /** Waits until S3 answers and the buckets are there; everything is closed when they cannot be made. */
    public void awaitBuckets() throws IOException {
        try {
            s3Emulator.awaitAnswer();
            createBucket(ARTIFACTS_BUCKET);
            createBucket(GOLD_BUCKET);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** For tests and tools in this process; closed with this object. */
    public DynamoDbClient dynamoDb() {
        return dynamoDb;
    }

    /** For tests and tools in this process; closed with this object. */
    public S3Client s3() {
        return s3;
    }

    public URI dynamoDbEndpoint() {
        return dynamoDbEmulator.endpoint();
    }

    public URI s3Endpoint() {
        return s3Emulator.endpoint();
    }

    /** The variables by which the service, or any AWS SDK, uses this platform. */
    public Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("AWS_ENDPOINT_URL_S3", s3Endpoint().toString());
        variables.put("AWS_ENDPOINT_URL_DYNAMODB", dynamoDbEndpoint().toString());
        variables.put("AWS_REGION", REGION);
        variables.put("AWS_DEFAULT_REGION", REGION);
        variables.put("AWS_ACCESS_KEY_ID", CREDENTIAL);
        variables.put("AWS_SECRET_ACCESS_KEY", CREDENTIAL);
        variables.put("ARTIFACTS_BUCKET", ARTIFACTS_BUCKET);
        variables.put("GOLD_BUCKET", GOLD_BUCKET);
        variables.put("MODEL_REGISTRY_TABLE", TABLE);
        return variables;
    }

    @Override
    public void close() {
        dynamoDb.close();
        s3.close();
        dynamoDbEmulator.close();
        s3Emulator.close();
    }

    private static StaticCredentialsProvider credentials() {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(CREDENTIAL, CREDENTIAL));
    }

    private void createBucket(String bucket) {
        try {
            s3.createBucket(create -> create.bucket(bucket));
        } catch (BucketAlreadyOwnedByYouException e) {
            // left by a former run
        }
    }

    /** Makes another registry's table beside {@link #TABLE}. */
    public void createTable(String name) {
        try {
            dynamoDb.createTable(create -> create.tableName(name)
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .attributeDefinitions(text("pk"), text("sk"), text("entity"), text("updatedAt"))
                    .keySchema(key("pk", KeyType.HASH), key("sk", KeyType.RANGE))
                    .globalSecondaryIndexes(GlobalSecondaryIndex.builder()
                            .indexName("byEntity")
                            .keySchema(key("entity", KeyType.HASH), key("updatedAt", KeyType.RANGE))
                            .projection(projection -> projection.projectionType(ProjectionType.ALL))
                            .build()));
        } catch (ResourceInUseException e) {
            // left by a former run
        }
    }

    private static AttributeDefinition text(String name) {
        return AttributeDefinition.builder()
                .attributeName(name)
                .attributeType(ScalarAttributeType.S)
                .build();
    }

    private static KeySchemaElement key(String name, KeyType type) {
        return KeySchemaElement.builder().attributeName(name).keyType(type).build();
    }
}
