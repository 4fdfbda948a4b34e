package dev.modelserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.modelserving.codec.BinaryBodies;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import inference.GRPCInferenceServiceGrpc;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import inference.InferParameter;
import inference.InferTensorContents;
import inference.ModelConfigRequest;
import inference.ModelInferRequest;
import inference.ModelInferRequest.InferInputTensor;
import inference.ModelInferRequest.InferRequestedOutputTensor;
import inference.ModelInferResponse;
import inference.ModelMetadataRequest;
import inference.ModelMetadataResponse;
import inference.ModelReadyRequest;
import inference.ServerLiveRequest;
import inference.ServerMetadataRequest;
import inference.ServerReadyRequest;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The Open Inference Protocol over gRPC, with a client made from its definition. */
@ExtendWith(EmulatedAws.class)
class GrpcIT {
    private static final Metadata.Key<String> REQUEST_ID =
            Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);
    private static final ByteString FLOWER = ByteString.copyFrom(BinaryBodies.floats(6.7f, 3.1f, 4.4f, 1.4f));

    @TempDir
    private static Path cache;

    private static Service service;
    private static ManagedChannel channel;
    private static GRPCInferenceServiceBlockingStub client;

    @BeforeAll
    static void start(LocalAws aws) throws Exception {
        ModelRegistration registration = EmulatedAws.registration(aws);
        register(registration, ModelRef.of("grpc-iris", 2), SampleFolders.IRIS_2);
        register(registration, ModelRef.of("grpc-penguins", 1), SampleFolders.PENGUINS);
        service = EmulatedAws.startService(
                aws, cache, Map.of("WARM_UP_LIMIT", "0s", "REQUEST_MAX_BYTES", "1 MiB", "PREDICTION_LOG", "full"));
        channel = connect(service.grpcPort());
        client = GRPCInferenceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(2, TimeUnit.MINUTES);
    }

    private static ManagedChannel connect(int port) {
        return NettyChannelBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .usePlaintext()
                .build();
    }

    private static void register(ModelRegistration registration, ModelRef ref, Path folder) throws Exception {
        registration.register(ref, folder, "");
        registration.point(AliasRecord.CHAMPION, ref, "test");
    }

    @AfterAll
    static void stop() throws InterruptedException {
        channel.shutdownNow();
        service.drain();
    }

    @Test
    void tellsWhatItIs() {
        assertThat(client.serverLive(ServerLiveRequest.getDefaultInstance()).getLive())
                .isTrue();
        assertThat(client.serverReady(ServerReadyRequest.getDefaultInstance()).getReady())
                .isTrue();
        assertThat(client.serverMetadata(ServerMetadataRequest.getDefaultInstance()))
                .satisfies(server -> {
                    assertThat(server.getName()).isEqualTo("model-serving");
                    assertThat(server.getExtensionsList()).contains("binary_tensor_data", "model_configuration");
                });
    }

    @Test
    void tellsWhatAModelTakes() {
        for (String version : List.of("", "2")) {
            ModelMetadataResponse model = client.modelMetadata(ModelMetadataRequest.newBuilder()
                    .setName("grpc-iris")
                    .setVersion(version)
                    .build());
            assertThat(model.getVersionsList()).containsExactly("2");
            assertThat(model.getPlatform()).isEqualTo("onnxruntime_onnx");
            assertThat(model.getInputs(0).getName()).isEqualTo("features");
            assertThat(model.getInputs(0).getDatatype()).isEqualTo("FP32");
            assertThat(model.getInputs(0).getShapeList()).containsExactly(-1L, 4L);
            assertThat(model.getOutputsList()).hasSize(2);
        }
        assertThat(client.modelConfig(ModelConfigRequest.newBuilder()
                                .setName("grpc-iris")
                                .build())
                        .getConfig()
                        .getInput(0)
                        .getDataType()
                        .name())
                .isEqualTo("TYPE_FP32");
    }

    @Test
    void knowsWhichModelsAreReady() {
        assertThat(isReady("grpc-iris", "")).isTrue();
        assertThat(isReady("grpc-iris", "2")).isTrue();
        assertThat(isReady("grpc-iris", "7")).isFalse();
        assertThat(isReady("nothing", "")).isFalse();
        assertThat(failure(() -> isReady("grpc-iris", "two")).getStatus().getCode())
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    private static boolean isReady(String model, String version) {
        return client.modelReady(ModelReadyRequest.newBuilder()
                        .setName(model)
                        .setVersion(version)
                        .build())
                .getReady();
    }

    @Test
    void answersRawElements() {
        ModelInferResponse answer = client.modelInfer(raw().setId("a-1").build());
        assertThat(answer.getModelName()).isEqualTo("grpc-iris");
        assertThat(answer.getModelVersion()).isEqualTo("2");
        assertThat(answer.getId()).isEqualTo("a-1");
        assertThat(answer.getOutputs(0).getName()).isEqualTo("label");
        assertThat(answer.getOutputs(0).getDatatype()).isEqualTo("INT64");
        assertThat(answer.getOutputs(0).getShapeList()).containsExactly(1L);
        assertThat(answer.getOutputs(1).getShapeList()).containsExactly(1L, 3L);
        assertThat(answer.getRawOutputContents(0).toByteArray()).containsExactly(1, 0, 0, 0, 0, 0, 0, 0);
        assertThat(answer.getRawOutputContents(1).size()).isEqualTo(12);
    }

    @Test
    void answersTypedElements() {
        assertThat(client.modelInfer(typed(6.7f, 3.1f, 4.4f, 1.4f).build()).getRawOutputContentsList())
                .isEqualTo(client.modelInfer(raw().build()).getRawOutputContentsList());
    }

    @Test
    void answersStrings() {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName("grpc-penguins");
        for (String name : List.of("island", "sex")) {
            request.addInputs(InferInputTensor.newBuilder()
                    .setName(name)
                    .setDatatype("BYTES")
                    .addAllShape(List.of(1L, 1L))
                    .setContents(InferTensorContents.newBuilder()
                            .addBytesContents(ByteString.copyFromUtf8(name.equals("sex") ? "male" : "Torgersen"))));
        }
        for (String name : List.of("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")) {
            request.addInputs(number(
                    name,
                    switch (name) {
                        case "bill_length_mm" -> 39.1f;
                        case "bill_depth_mm" -> 18.7f;
                        case "flipper_length_mm" -> 181;
                        default -> 3750;
                    }));
        }
        request.addInputs(InferInputTensor.newBuilder()
                .setName("year")
                .setDatatype("INT64")
                .addAllShape(List.of(1L, 1L))
                .setContents(InferTensorContents.newBuilder().addInt64Contents(2007)));
        request.addOutputs(InferRequestedOutputTensor.newBuilder().setName("label"));
        ModelInferResponse answer = client.modelInfer(request.build());
        assertThat(answer.getOutputsList()).hasSize(1);
        assertThat(answer.getRawOutputContents(0).toByteArray())
                .isEqualTo(new byte[] {6, 0, 0, 0, 'A', 'd', 'e', 'l', 'i', 'e'});
    }

    private static InferInputTensor.Builder number(String name, float value) {
        return InferInputTensor.newBuilder()
                .setName(name)
                .setDatatype("FP32")
                .addAllShape(List.of(1L, 1L))
                .setContents(InferTensorContents.newBuilder().addFp32Contents(value));
    }

    @Test
    void answersWhatWasCompressed() {
        assertThat(client.withCompression("gzip").modelInfer(raw().build()).getOutputsCount())
                .isEqualTo(2);
    }

    @Test
    void tellsAllFaultsAtOnce() throws Exception {
        StatusRuntimeException failure = failure(() -> client.modelInfer(ModelInferRequest.newBuilder()
                .setModelName("grpc-iris")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("features")
                        .setDatatype("FP64")
                        .addAllShape(List.of(1L, 3L)))
                .addInputs(InferInputTensor.newBuilder()
                        .setName("petals")
                        .setDatatype("FP32")
                        .addShape(1))
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("colour"))
                .build()));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure.getStatus().getDescription()).contains("input 'features': datatype 'FP64' (expected: FP32)");
        com.google.rpc.Status details = StatusProto.fromThrowable(failure);
        assertThat(details.getDetails(0).unpack(ErrorInfo.class).getReason()).isEqualTo("INVALID_INPUT");
        assertThat(details.getDetails(2).unpack(BadRequest.class).getFieldViolationsList())
                .extracting(BadRequest.FieldViolation::getField)
                .containsExactly("features", "features", "petals", "outputs[0]");
    }

    @Test
    void doesNotKnowEveryModel() {
        assertThat(code(raw().setModelName("nothing"))).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(code(raw().setModelName("No Model"))).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(code(raw().setModelVersion("7"))).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(code(raw().setModelVersion("x"))).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(code(raw().setModelName(""))).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(failure(() -> client.modelMetadata(ModelMetadataRequest.newBuilder()
                                .setName("nothing")
                                .build()))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void endsAtTheDeadlineOfTheRequest() {
        InferParameter one = InferParameter.newBuilder().setInt64Param(1).build();
        assertThat(code(raw().putParameters("timeout", one))).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        InferParameter none = InferParameter.newBuilder().setInt64Param(0).build();
        assertThat(client.modelInfer(raw().putParameters("timeout", none).build())
                        .getOutputsCount())
                .isEqualTo(2);
        InferParameter text = InferParameter.newBuilder().setStringParam("soon").build();
        assertThat(code(raw().putParameters("timeout", text))).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void endsAtTheDeadlineOfTheCall() {
        assertThat(failure(() -> client.withDeadlineAfter(1, TimeUnit.MICROSECONDS)
                                .modelInfer(raw().build()))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }

    @Test
    void refusesWhatIsTooLarge() {
        ModelInferRequest large = raw().setRawInputContents(0, ByteString.copyFrom(new byte[2 << 20]))
                .build();
        assertThat(failure(() -> client.modelInfer(large)).getStatus().getCode())
                .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(client.modelInfer(raw().build()).getOutputsCount()).isEqualTo(2);
    }

    @Test
    void givesEachCallAnId() {
        Metadata sent = new Metadata();
        sent.put(REQUEST_ID, "mine-1");
        AtomicReference<Metadata> headers = new AtomicReference<>();
        AtomicReference<Metadata> trailers = new AtomicReference<>();
        GRPCInferenceServiceBlockingStub named = client.withInterceptors(
                MetadataUtils.newAttachHeadersInterceptor(sent),
                MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
        assertThat(named.modelInfer(raw().build()).getOutputsCount()).isEqualTo(2);
        assertThat(headers.get().get(REQUEST_ID)).isEqualTo("mine-1");
        failure(() -> named.modelInfer(raw().setModelName("nothing").build()));
        assertThat(trailers.get().get(REQUEST_ID)).isEqualTo("mine-1");
    }

    @Test
    void tellsItsHealth() {
        HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
        for (String name : List.of("", "inference.GRPCInferenceService")) {
            assertThat(health.check(HealthCheckRequest.newBuilder()
                                    .setService(name)
                                    .build())
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);
        }
        assertThatThrownBy(() -> health.check(
                        HealthCheckRequest.newBuilder().setService("other").build()))
                .hasMessageContaining("NOT_FOUND");
    }

    @Test
    void describesItself() throws Exception {
        BlockingQueue<ServerReflectionResponse> answers = new LinkedBlockingQueue<>();
        StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(channel)
                .serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse answer) {
                        answers.add(answer);
                    }

                    @Override
                    public void onError(Throwable failure) {}

                    @Override
                    public void onCompleted() {}
                });
        requests.onNext(
                ServerReflectionRequest.newBuilder().setListServices("*").build());
        assertThat(answers.poll(10, TimeUnit.SECONDS).getListServicesResponse().getServiceList())
                .extracting(ServiceResponse::getName)
                .contains("inference.GRPCInferenceService", "grpc.health.v1.Health");
        requests.onNext(ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol("inference.GRPCInferenceService.ModelInfer")
                .build());
        assertThat(answers.poll(10, TimeUnit.SECONDS)
                        .getFileDescriptorResponse()
                        .getFileDescriptorProtoCount())
                .isPositive();
        requests.onCompleted();
    }

    @Test
    void refusesACallWithoutAMessage() throws Exception {
        BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
        StreamObserver<ModelInferRequest> requests = ClientCalls.asyncClientStreamingCall(
                channel.newCall(GRPCInferenceServiceGrpc.getModelInferMethod(), CallOptions.DEFAULT),
                new StreamObserver<>() {
                    @Override
                    public void onNext(ModelInferResponse answer) {}

                    @Override
                    public void onError(Throwable failure) {
                        failures.add(failure);
                    }

                    @Override
                    public void onCompleted() {}
                });
        requests.onCompleted();
        assertThat(failures.poll(10, TimeUnit.SECONDS)).hasMessageContaining("no message");
    }

    private static ModelInferRequest.Builder raw() {
        return ModelInferRequest.newBuilder()
                .setModelName("grpc-iris")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("features")
                        .setDatatype("FP32")
                        .addAllShape(List.of(1L, 4L)))
                .addRawInputContents(FLOWER);
    }

    private static ModelInferRequest.Builder typed(float... values) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (float value : values) {
            contents.addFp32Contents(value);
        }
        return ModelInferRequest.newBuilder()
                .setModelName("grpc-iris")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("features")
                        .setDatatype("FP32")
                        .addAllShape(List.of(1L, 4L))
                        .setContents(contents));
    }

    private static Status.Code code(ModelInferRequest.Builder request) {
        return failure(() -> client.modelInfer(request.build())).getStatus().getCode();
    }

    private static StatusRuntimeException failure(Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException e) {
            return e;
        }
        throw new AssertionError("the call did not fail");
    }
}
