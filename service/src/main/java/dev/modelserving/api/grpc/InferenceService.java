package dev.modelserving.api.grpc;

import dev.modelserving.api.rest.ModelConfiguration;
import dev.modelserving.api.rest.ProtocolDocuments;
import dev.modelserving.api.rest.RepositoryIndex;
import dev.modelserving.api.rest.ServedModels;
import dev.modelserving.codec.InferMessageWriter;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.serving.Serving;
import inference.DataType;
import inference.GRPCInferenceServiceGrpc;
import inference.ModelConfig;
import inference.ModelConfigRequest;
import inference.ModelConfigResponse;
import inference.ModelInput;
import inference.ModelMetadataRequest;
import inference.ModelMetadataResponse;
import inference.ModelMetadataResponse.TensorMetadata;
import inference.ModelOutput;
import inference.ModelReadyRequest;
import inference.ModelReadyResponse;
import inference.ModelStatisticsRequest;
import inference.ModelStatisticsResponse;
import inference.ModelTensorReshape;
import inference.RepositoryIndexRequest;
import inference.RepositoryIndexResponse;
import inference.RepositoryModelLoadRequest;
import inference.RepositoryModelLoadResponse;
import inference.RepositoryModelUnloadRequest;
import inference.RepositoryModelUnloadResponse;
import inference.ServerLiveRequest;
import inference.ServerLiveResponse;
import inference.ServerMetadataRequest;
import inference.ServerMetadataResponse;
import inference.ServerReadyRequest;
import inference.ServerReadyResponse;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The Open Inference Protocol, version 2, over gRPC: <a
 * href="https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_grpc.md">its
 * specification</a>, and Triton's extensions for model configuration, statistics and the model repository.
 */
final class InferenceService extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
    private final Serving serving;
    private final ServedModels models;
    private final RepositoryIndex index;
    private final StatusAnswers errors;

    InferenceService(Serving serving, ServedModels models, RepositoryIndex index, StatusAnswers errors) {
        this.serving = serving;
        this.models = models;
        this.index = index;
        this.errors = errors;
    }

    /** Its methods; {@code ModelInfer} is answered by {@code infer}, from the message as it lies on the wire. */
    ServerServiceDefinition with(InferCalls infer) {
        MethodDescriptor<ReceivedMessage, InferMessageWriter> ours =
                GRPCInferenceServiceGrpc.getModelInferMethod().toBuilder(Messages.RECEIVED, Messages.ANSWERS)
                        .build();
        ServiceDescriptor generated = GRPCInferenceServiceGrpc.getServiceDescriptor();
        ServiceDescriptor.Builder descriptor =
                ServiceDescriptor.newBuilder(generated.getName()).setSchemaDescriptor(generated.getSchemaDescriptor());
        for (MethodDescriptor<?, ?> method : generated.getMethods()) {
            descriptor.addMethod(isInfer(method) ? ours : method);
        }
        ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor.build());
        for (ServerMethodDefinition<?, ?> method : bindService().getMethods()) {
            if (!isInfer(method.getMethodDescriptor())) {
                service.addMethod(method);
            }
        }
        return service.addMethod(ours, infer).build();
    }

    private static boolean isInfer(MethodDescriptor<?, ?> method) {
        return method.getFullMethodName()
                .equals(GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName());
    }

    @Override
    public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> answers) {
        answer(answers, () -> ServerLiveResponse.newBuilder().setLive(true).build());
    }

    @Override
    public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> answers) {
        answer(
                answers,
                () -> ServerReadyResponse.newBuilder()
                        .setReady(serving.isReady())
                        .build());
    }

    /** Of a model or version that is not known, false, as Triton says it. */
    @Override
    public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> answers) {
        answer(
                answers,
                () -> ModelReadyResponse.newBuilder().setReady(isReady(request)).build());
    }

    private boolean isReady(ModelReadyRequest request) {
        try {
            return models.isReady(request.getName(), said(request.getVersion()));
        } catch (InferenceException e) {
            if (e.kind() == InferenceException.Kind.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void serverMetadata(ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> answers) {
        ProtocolDocuments.Server server = ProtocolDocuments.Server.THIS;
        answer(
                answers,
                () -> ServerMetadataResponse.newBuilder()
                        .setName(server.name())
                        .setVersion(server.version())
                        .addAllExtensions(server.extensions())
                        .build());
    }

    @Override
    public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> answers) {
        answer(answers, () -> {
            ModelSignature signature = models.signature(request.getName(), said(request.getVersion()));
            return ModelMetadataResponse.newBuilder()
                    .setName(request.getName())
                    .addAllVersions(models.versions(request.getName()))
                    .setPlatform(ProtocolDocuments.PLATFORM)
                    .addAllInputs(metadata(signature.inputs()))
                    .addAllOutputs(metadata(signature.outputs()))
                    .build();
        });
    }

    private static List<TensorMetadata> metadata(List<TensorSpec> specs) {
        return specs.stream()
                .map(spec -> TensorMetadata.newBuilder()
                        .setName(spec.name())
                        .setDatatype(spec.type().name())
                        .addAllShape(dimensions(spec))
                        .build())
                .toList();
    }

    private static List<Long> dimensions(TensorSpec spec) {
        return Arrays.stream(spec.shape().toArray()).boxed().toList();
    }

    @Override
    public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> answers) {
        answer(answers, () -> {
            ModelConfiguration known = models.configuration(request.getName(), said(request.getVersion()));
            ModelConfig.Builder config = ModelConfig.newBuilder()
                    .setName(request.getName())
                    .setPlatform(ProtocolDocuments.PLATFORM)
                    .setBackend(ProtocolDocuments.BACKEND)
                    .setMaxBatchSize(known.maxBatchSize());
            for (ModelConfiguration.Tensor tensor : known.inputs()) {
                ModelInput.Builder input = config.addInputBuilder()
                        .setName(tensor.name())
                        .setDataType(DataType.valueOf(tensor.dataType()))
                        .addAllDims(tensor.dims());
                if (tensor.isOneValue()) {
                    input.setReshape(ModelTensorReshape.getDefaultInstance());
                }
            }
            for (ModelConfiguration.Tensor tensor : known.outputs()) {
                ModelOutput.Builder output = config.addOutputBuilder()
                        .setName(tensor.name())
                        .setDataType(DataType.valueOf(tensor.dataType()))
                        .addAllDims(tensor.dims());
                if (tensor.isOneValue()) {
                    output.setReshape(ModelTensorReshape.getDefaultInstance());
                }
            }
            return ModelConfigResponse.newBuilder().setConfig(config).build();
        });
    }

    @Override
    public void modelStatistics(ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> answers) {
        answer(answers, () -> {
            ModelStatisticsResponse.Builder response = ModelStatisticsResponse.newBuilder();
            models.find(said(request.getName()), said(request.getVersion()))
                    .forEach(version -> version.statistics()
                            .ifPresent(done -> response.addModelStats(StatisticsMessages.of(version.ref(), done))));
            return response.build();
        });
    }

    @Override
    public void repositoryIndex(RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> answers) {
        answer(
                answers,
                () -> RepositoryIndexResponse.newBuilder()
                        .addAllModels(index.entries(request.getReady()).stream()
                                .map(entry -> RepositoryIndexResponse.ModelIndex.newBuilder()
                                        .setName(entry.name())
                                        .setVersion(entry.version())
                                        .setState(entry.state())
                                        .setReason(entry.reason())
                                        .build())
                                .toList())
                        .build());
    }

    @Override
    public void repositoryModelLoad(
            RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> answers) {
        answer(answers, () -> {
            throw RepositoryIndex.refusal("load");
        });
    }

    @Override
    public void repositoryModelUnload(
            RepositoryModelUnloadRequest request, StreamObserver<RepositoryModelUnloadResponse> answers) {
        answer(answers, () -> {
            throw RepositoryIndex.refusal("unload");
        });
    }

    /** Empty in messages where nothing is said. */
    private static Optional<String> said(String text) {
        return Optional.of(text).filter(some -> !some.isEmpty());
    }

    private <T> void answer(StreamObserver<T> answers, Supplier<T> answer) {
        T message;
        try {
            message = answer.get();
        } catch (RuntimeException e) {
            answers.onError(errors.of(
                    e, CallTrace.ofThisCall().map(CallTrace::requestId).orElse("")));
            return;
        }
        answers.onNext(message);
        answers.onCompleted();
    }
}
