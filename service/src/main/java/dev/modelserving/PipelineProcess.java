package dev.modelserving;

import dev.modelserving.artifact.ArtifactStore;
import dev.modelserving.artifact.CacheFolderException;
import dev.modelserving.pipeline.ExitCode;
import dev.modelserving.pipeline.Interruption;
import dev.modelserving.pipeline.Pipeline;
import dev.modelserving.registry.DynamoDbVerificationRecords;
import dev.modelserving.registry.Verdict;
import dev.modelserving.settings.Settings;
import dev.modelserving.verification.LoadMarkers;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.s3.S3Client;
import sun.misc.Signal;

/** The process in step-functions mode: without a server, and without a container that would take its time to start. */
final class PipelineProcess {
    private static final Logger LOG = LoggerFactory.getLogger(PipelineProcess.class);

    /** How long a step may go on after a signal; nothing that is written is ever half written. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private PipelineProcess() {}

    /**
     * Verifies what the settings name. Blocks.
     *
     * @throws CacheFolderException when the cache folder cannot be made or written
     */
    static ExitCode run(Settings settings) throws CacheFolderException {
        ServiceFactory factory = new ServiceFactory();
        try (DynamoDbClient dynamoDb = factory.dynamoDb();
                S3Client s3 = factory.s3()) {
            ArtifactStore store = factory.artifacts(s3, settings);
            Interruption interruption = new Interruption();
            Pipeline pipeline = new Pipeline(
                    new DynamoDbVerificationRecords(dynamoDb, settings.registryTable(), factory.clock()),
                    store,
                    factory.artifactCache(store, settings),
                    LoadMarkers.open(settings.cache().directory()),
                    new Verdict.Run(
                            settings.execution().id().orElseGet(() -> "local-" + UUID.randomUUID()),
                            settings.execution().startTime()),
                    Optional.ofNullable(PipelineProcess.class.getPackage().getImplementationVersion())
                            .orElse("unpackaged"),
                    settings.candidateManifest().orElse(null),
                    interruption);
            return run(pipeline, interruption, settings);
        }
    }

    private static ExitCode run(Pipeline pipeline, Interruption interruption, Settings settings) {
        CountDownLatch ended = new CountDownLatch(1);
        endOnSignals(pipeline, interruption, ended);
        try {
            return pipeline.verify(settings.candidate());
        } catch (InterruptedException e) {
            LOG.warn("told to end before everything was verified; run again");
            return ExitCode.TEMPORARY_FAILURE;
        } finally {
            ended.countDown();
        }
    }

    /**
     * A signal handler and not a shutdown hook: hooks run side by side with ONNX Runtime's own, which frees its
     * environment under a model that is being loaded. A step that takes long is cut off, without any hook.
     */
    private static void endOnSignals(Pipeline pipeline, Interruption interruption, CountDownLatch ended) {
        for (String name : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(name), signal -> {
                interruption.request();
                try {
                    if (ended.await(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                        return;
                    }
                } catch (InterruptedException e) {
                    LOG.debug("not waiting for the step to end", e);
                }
                pipeline.abandon();
                LOG.warn("told to end in the middle of a step; run again");
                Runtime.getRuntime().halt(ExitCode.TEMPORARY_FAILURE.number());
            });
        }
    }
}
