package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.modelserving.artifact.Manifest;
import dev.modelserving.emulators.FreePort;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.local.Candidates.Ended;
import dev.modelserving.model.ModelRef;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

/** Step-functions mode: the real JAR ends by itself, with every exit code; run again it says the same. */
class PipelineIT {
    private static final Path IRIS = SampleModels.folder(ModelRef.of("iris", 1));
    private static final int ABORTED = 128 + 6;

    @TempDir
    private static Path work;

    private static LocalAws aws;
    private static Candidates candidates;

    @BeforeAll
    static void start() throws Exception {
        aws = LocalAws.start(work.resolve("aws"));
        aws.s3()
                .putBucketVersioning(put -> put.bucket(LocalAws.ARTIFACTS_BUCKET)
                        .versioningConfiguration(versioning -> versioning.status(BucketVersioningStatus.ENABLED)));
        candidates = new Candidates(aws, work);
    }

    @AfterAll
    static void stop() {
        aws.close();
    }

    @Test
    void endsWith0WhenACandidateIsVerified() throws Exception {
        ModelRef ref = candidates.register("good", IRIS);
        Map<String, AttributeValue> first = verified(ref);
        Map<String, AttributeValue> item = candidates.item(ref);
        assertThat(item.get("status").s()).isEqualTo("VERIFIED");
        assertThat(item.get("rev").n()).isEqualTo("2");
        assertThat(item.get("files").l()).hasSize(2);
        assertThat(item.get("inputs").l().get(0).m()).containsEntry("datatype", AttributeValue.fromS("FP32"));
        assertThat(verified(ref).get("message")).isEqualTo(first.get("message"));
        assertThat(candidates.item(ref)).isEqualTo(item);
    }

    private static Map<String, AttributeValue> verified(ModelRef ref) throws Exception {
        Ended ended = candidates.verify(ref);
        assertThat(ended.exitCode()).as(ended.output().toString()).isZero();
        Map<String, AttributeValue> verdict = candidates.verdict(ended.executionId(), ref);
        assertThat(verdict.get("outcome").s()).isEqualTo("VERIFIED");
        assertThat(Integer.parseInt(verdict.get("examplesPassed").n())).isPositive();
        assertThat(Long.parseLong(verdict.get("latencyMicrosP50").n())).isPositive();
        assertThat(verdict).doesNotContainKey("entity");
        assertThat(verdict.get("serviceVersion").s()).matches("[0-9].*");
        return verdict;
    }

    @Test
    void staysWithTheObjectsThatWereVerifiedWhenTheyAreChangedInPlace() throws Exception {
        ModelRef ref = candidates.register("changed", IRIS);
        verified(ref);
        assertThat(candidates.item(ref).get("files").l())
                .allSatisfy(file -> assertThat(file.m()).containsKey("s3VersionId"));
        candidates.upload(Manifest.prefix(ref) + "model.onnx", new byte[] {1});
        verified(ref);
        Path elsewhere = work.resolve("another-cache");
        assertThat(candidates
                        .verify(ref, Map.of("MODEL_CACHE_DIR", elsewhere.toString()))
                        .exitCode())
                .isZero();
    }

    @Test
    void readsTheManifestThatItIsToldOfAndNotTheOneThatWasRejected() throws Exception {
        ModelRef ref = candidates.register("mended", IRIS);
        byte[] right = candidates.manifest(ref);
        candidates.upload(Manifest.prefix(ref) + Manifest.FILE_NAME, new byte[] {'{'});
        String wrong = candidates.manifestVersionId(ref);
        assertThat(verifyManifest(ref, wrong)).isEqualTo(65);
        candidates.upload(Manifest.prefix(ref) + Manifest.FILE_NAME, right);
        assertThat(verifyManifest(ref, wrong)).isEqualTo(65);
        String mended = candidates.manifestVersionId(ref);
        assertThat(verifyManifest(ref, mended)).isZero();
        assertThat(candidates.item(ref)).containsEntry("manifestVersionId", AttributeValue.fromS(mended));
    }

    @Test
    void rejectsOtherFilesUnderAVersionThatWasVerified() throws Exception {
        ModelRef ref = candidates.register("replaced", IRIS);
        verified(ref);
        Map<String, AttributeValue> item = candidates.item(ref);
        candidates.publish(ref, SampleModels.folder(ModelRef.of("iris", 2)));
        Ended ended =
                candidates.verify(ref, Map.of("CANDIDATE_MANIFEST_VERSION_ID", candidates.manifestVersionId(ref)));
        assertThat(candidates.verdict(ended.executionId(), ref))
                .containsEntry("code", AttributeValue.fromS("FILES_DIFFER"));
        assertThat(candidates.item(ref)).isEqualTo(item);
    }

    private static int verifyManifest(ModelRef ref, String versionId) throws Exception {
        return candidates
                .verify(ref, Map.of("CANDIDATE_MANIFEST_VERSION_ID", versionId))
                .exitCode();
    }

    @Test
    void endsWith65WhenACandidateIsRejected() throws Exception {
        ModelRef ref = candidates.register("corrupt", IRIS);
        candidates.upload(Manifest.prefix(ref) + "model.onnx", new byte[(int) Files.size(IRIS.resolve("model.onnx"))]);
        assertRejected(ref, "FILE_CORRUPT");
        Map<String, AttributeValue> item = candidates.item(ref);
        assertThat(item.get("reason").s()).startsWith("FILE_CORRUPT: models/corrupt/1/model.onnx has sha256 ");
        assertRejected(ref, "FILE_CORRUPT");
        assertThat(candidates.item(ref)).isEqualTo(item);
    }

    @Test
    void endsWith65WhenACandidateKilledTheLastRun() throws Exception {
        ModelRef ref = candidates.register("crash-at-load", OddModels.edge("crash-at-load"));
        try (PipelineRun run = candidates.start(ref, "crash", Map.of())) {
            assertThat(run.awaitExit(Candidates.LONG)).isEqualTo(ABORTED);
            assertThat(candidates.verdict("crash", ref)).isEmpty();
            assertThat(candidates.status(ref)).isEqualTo("REGISTERED");
            assertRejected(ref, "CRASHED");
            assertRejected(ref, "CRASHED");
            Files.deleteIfExists(Path.of("hs_err_pid" + run.pid() + ".log"));
        }
    }

    private static void assertRejected(ModelRef ref, String code) throws Exception {
        Ended ended = candidates.verify(ref);
        assertThat(ended.exitCode()).as(ended.output().toString()).isEqualTo(65);
        assertThat(candidates.verdict(ended.executionId(), ref))
                .containsEntry("outcome", AttributeValue.fromS("REJECTED"))
                .containsEntry("code", AttributeValue.fromS(code));
        assertThat(candidates.status(ref)).isEqualTo("REJECTED");
        assertThat(ended.output().get(ended.output().size() - 1))
                .contains(ref + " REJECTED (" + code + "); exit code 65");
    }

    @Test
    void endsWith66WhenTheCandidateIsNotRegistered() throws Exception {
        Ended ended = candidates.verify(ModelRef.of("nobody", 7));
        assertThat(ended.exitCode()).isEqualTo(66);
        assertThat(ended.output()).last().asString().contains("nobody/7 is not in the registry; exit code 66");
    }

    @Test
    void endsWith70WhenAnItemMakesNoSense() throws Exception {
        ModelRef ref = candidates.register("senseless", IRIS);
        candidates.writeItem(ref, "PERHAPS");
        assertNoVerdict(ref, Map.of(), 70);
    }

    @Test
    void endsWith70WhenTheDiskCannotBeWritten() throws Exception {
        ModelRef ref = candidates.register("no-room", IRIS);
        Path cache = Files.createDirectories(work.resolve("broken-cache"));
        Files.writeString(cache.resolve(ref.id().value()), "a file where a folder must be");
        assertNoVerdict(ref, Map.of("MODEL_CACHE_DIR", cache.toString()), 70);
    }

    @Test
    void endsWith75WhenNobodyAnswers() throws Exception {
        ModelRef ref = candidates.register("unreachable", IRIS);
        String closed = "http://127.0.0.1:" + FreePort.find();
        assertNoVerdict(ref, Map.of("AWS_ENDPOINT_URL_DYNAMODB", closed), 75);
        assertNoVerdict(ref, Map.of("AWS_ENDPOINT_URL_S3", closed), 75);
        candidates.verify(ref);
        assertThat(candidates.status(ref)).isEqualTo("VERIFIED");
    }

    @ParameterizedTest
    @CsvSource({
        "400, ProvisionedThroughputExceededException, 75",
        "400, ExpiredTokenException, 75",
        "500, InternalServerError, 75",
        "400, AccessDeniedException, 78",
        "400, UnrecognizedClientException, 78",
    })
    void tellsATemporaryAnswerOfDynamoDbFromOneThatNeedsSomebody(int status, String error, int exitCode)
            throws Exception {
        ModelRef ref = candidates.register("answers-" + error.toLowerCase(Locale.ROOT), IRIS);
        String body = "{\"__type\":\"com.amazon.coral.service#" + error + "\",\"message\":\"by a test\"}";
        HttpServer server = answering(status, body, "application/x-amz-json-1.0");
        try {
            assertNoVerdict(ref, Map.of("AWS_ENDPOINT_URL_DYNAMODB", url(server)), exitCode);
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource({"503, SlowDown, 75", "400, ExpiredToken, 75", "403, AccessDenied, 78", "404, NoSuchBucket, 78"})
    void tellsATemporaryAnswerOfS3FromOneThatNeedsSomebody(int status, String error, int exitCode) throws Exception {
        ModelRef ref = candidates.register("answers-s3-" + error.toLowerCase(Locale.ROOT), IRIS);
        String body = "<Error><Code>" + error + "</Code><Message>by a test</Message></Error>";
        HttpServer server = answering(status, body, "application/xml");
        try {
            assertNoVerdict(ref, Map.of("AWS_ENDPOINT_URL_S3", url(server)), exitCode);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void endsWith78WhenWhatItNeedsIsNotThere() throws Exception {
        ModelRef ref = candidates.register("configured", IRIS);
        assertNoVerdict(ref, Map.of("MODEL_REGISTRY_TABLE", "absent"), 78);
        assertNoVerdict(ref, Map.of("ARTIFACTS_BUCKET", "absent"), 78);
        assertNoVerdict(ref, Map.of("CANDIDATE_VERSION", "01"), 78);
        Path file = Files.writeString(work.resolve("no-folder"), "");
        assertNoVerdict(ref, Map.of("MODEL_CACHE_DIR", file.toString()), 78);
        Map<String, String> nowhere = new HashMap<>(Map.of("AWS_REGION", "", "AWS_DEFAULT_REGION", ""));
        nowhere.put("AWS_EC2_METADATA_DISABLED", "true");
        assertNoVerdict(ref, nowhere, 78);
        Map<String, String> nobody = new HashMap<>(Map.of("AWS_ACCESS_KEY_ID", "", "AWS_SECRET_ACCESS_KEY", ""));
        nobody.put("AWS_EC2_METADATA_DISABLED", "true");
        nobody.put("AWS_CONFIG_FILE", work.resolve("absent").toString());
        nobody.put("AWS_SHARED_CREDENTIALS_FILE", work.resolve("absent").toString());
        assertNoVerdict(ref, nobody, 78);
    }

    private static void assertNoVerdict(ModelRef ref, Map<String, String> variables, int exitCode) throws Exception {
        Map<String, AttributeValue> before = candidates.item(ref);
        Ended ended = candidates.verify(ref, variables);
        assertThat(ended.exitCode()).as(String.join("\n", ended.output())).isEqualTo(exitCode);
        assertThat(candidates.verdict(ended.executionId(), ref)).isEmpty();
        assertThat(candidates.item(ref)).isEqualTo(before);
    }

    private static HttpServer answering(int status, String body, String type) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }
}
