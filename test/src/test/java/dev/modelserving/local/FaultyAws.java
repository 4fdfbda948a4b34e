package dev.modelserving.local;

import dev.modelserving.emulators.FreePort;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Emulated AWS services behind proxies that can fail; the tests themselves go straight to the emulators. */
record FaultyAws(LocalAws direct, FaultyProxy dynamoDb, FaultyProxy s3, Path folder) implements AutoCloseable {
    static FaultyAws start(Path folder) throws IOException {
        LocalAws direct = LocalAws.start(folder.resolve("aws"));
        return new FaultyAws(
                direct, FaultyProxy.dynamoDb(direct.dynamoDbEndpoint()), FaultyProxy.s3(direct.s3Endpoint()), folder);
    }

    FaultyProxy proxy(String service) {
        return service.equals("dynamodb") ? dynamoDb : s3;
    }

    /** A sample model's files as a version of another name; the champion only if it is pointed at. */
    void register(ModelRef ref, ModelRef sample) throws Exception {
        SampleModels.registration(direct).register(ref, SampleModels.folder(sample), "");
    }

    /** A service behind the proxies that keeps its models in {@code cache}. Does not wait. */
    ServiceProcess startService(String cache, Map<String, String> variables) throws IOException {
        Map<String, String> environment = new HashMap<>(direct.environment());
        environment.put("AWS_ENDPOINT_URL_DYNAMODB", dynamoDb.endpoint().toString());
        environment.put("AWS_ENDPOINT_URL_S3", s3.endpoint().toString());
        environment.put("MODEL_CACHE_DIR", folder.resolve(cache).toString());
        environment.put("REGISTRY_POLL_INTERVAL", "500ms");
        environment.putAll(variables);
        return ServiceProcess.start(
                environment,
                FreePort.find(),
                ProcessBuilder.Redirect.appendTo(log(cache).toFile()));
    }

    /** The output of the services on that cache. */
    Path log(String cache) {
        return folder.resolve(cache.replace('/', '-') + ".log");
    }

    String output(String cache) throws IOException {
        return Files.readString(log(cache));
    }

    @Override
    public void close() {
        dynamoDb.close();
        s3.close();
        direct.close();
    }
}
