package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.local.RunningPlatform.Platform;
import inference.GRPCInferenceServiceGrpc;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import inference.ModelInferRequest.InferInputTensor;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(RunningPlatform.class)
class GrpcDrainIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int CALLERS = 8;
    private static final int CALLS_BEFORE = 100;

    private static final ModelInferRequest FLOWER = ModelInferRequest.newBuilder()
            .setModelName("iris")
            .addInputs(InferInputTensor.newBuilder()
                    .setName("features")
                    .setDatatype("FP32")
                    .addAllShape(List.of(1L, 4L))
                    .setContents(InferTensorContents.newBuilder().addAllFp32Contents(List.of(6.7f, 3.1f, 4.4f, 1.4f))))
            .build();

    /** Callers go on until nothing listens any more. */
    @ParameterizedTest
    @ValueSource(strings = {"0s", "2s"})
    void finishesEveryCallThatItAccepted(String drainDelay, Platform platform) throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try (ServiceProcess service = platform.startService(Map.of("DRAIN_DELAY", drainDelay))) {
            assertThat(service.awaitReady(LONG)).isTrue();
            ManagedChannel channel = connect(service);
            CountDownLatch before = new CountDownLatch(CALLS_BEFORE);
            List<Future<StatusRuntimeException>> ends = new ArrayList<>();
            for (int caller = 0; caller < CALLERS; caller++) {
                ends.add(callers.submit(() -> callUntilItFails(channel, before)));
            }
            assertThat(before.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            service.terminate();
            for (Future<StatusRuntimeException> end : ends) {
                assertThat(end.get(LONG.toSeconds(), TimeUnit.SECONDS)).hasRootCauseInstanceOf(ConnectException.class);
            }
            assertThat(service.awaitExit(LONG)).isZero();
            channel.shutdownNow();
        } finally {
            callers.shutdownNow();
        }
    }

    private static StatusRuntimeException callUntilItFails(ManagedChannel channel, CountDownLatch answered) {
        GRPCInferenceServiceBlockingStub client = GRPCInferenceServiceGrpc.newBlockingStub(channel);
        while (true) {
            try {
                assertThat(client.modelInfer(FLOWER).getOutputsCount()).isEqualTo(2);
                answered.countDown();
            } catch (StatusRuntimeException e) {
                return e;
            }
        }
    }

    @Test
    void sendsClientsAwayButAnswersUntilTheDrainDelayIsOver(Platform platform) throws Exception {
        try (ServiceProcess service = platform.startService(Map.of("DRAIN_DELAY", "4s"))) {
            assertThat(service.awaitReady(LONG)).isTrue();
            ManagedChannel channel = connect(service);
            GRPCInferenceServiceBlockingStub client = GRPCInferenceServiceGrpc.newBlockingStub(channel);
            assertThat(client.modelInfer(FLOWER).getOutputsCount()).isEqualTo(2);
            CountDownLatch away = new CountDownLatch(1);
            channel.notifyWhenStateChanged(ConnectivityState.READY, away::countDown);
            service.terminate();
            assertThat(away.await(3, TimeUnit.SECONDS)).isTrue();
            HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(3))
                    .until(() -> health.check(HealthCheckRequest.getDefaultInstance())
                                    .getStatus()
                            == ServingStatus.NOT_SERVING);
            assertThat(client.modelInfer(FLOWER).getOutputsCount()).isEqualTo(2);
            assertThat(service.awaitExit(LONG)).isZero();
            channel.shutdownNow();
        }
    }

    /** As clients do that check the health of their servers. */
    @Test
    void doesNotWaitForThoseWhoWatch(Platform platform) throws Exception {
        try (ServiceProcess service = platform.startService(Map.of())) {
            assertThat(service.awaitReady(LONG)).isTrue();
            ManagedChannel channel = connect(service);
            Iterator<HealthCheckResponse> watched =
                    HealthGrpc.newBlockingStub(channel).watch(HealthCheckRequest.getDefaultInstance());
            assertThat(watched.next().getStatus()).isEqualTo(ServingStatus.SERVING);
            service.terminate();
            assertThat(watched.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
            assertThat(service.awaitExit(Duration.ofSeconds(15))).isZero(); // well below REQUEST_TIMEOUT
            channel.shutdownNow();
        }
    }

    private static ManagedChannel connect(ServiceProcess service) {
        return NettyChannelBuilder.forTarget(service.grpcAddress())
                .usePlaintext()
                .build();
    }
}
