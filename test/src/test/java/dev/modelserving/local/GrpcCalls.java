package dev.modelserving.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import inference.GRPCInferenceServiceGrpc;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import inference.InferParameter;
import inference.ModelInferRequest;
import inference.ModelInferRequest.InferInputTensor;
import inference.ModelInferRequest.InferRequestedOutputTensor;
import inference.ModelInferResponse;
import inference.ModelInferResponse.InferOutputTensor;
import inference.ModelMetadataRequest;
import inference.ModelMetadataResponse;
import inference.ModelMetadataResponse.TensorMetadata;
import inference.ModelReadyRequest;
import inference.ServerLiveRequest;
import inference.ServerMetadataRequest;
import inference.ServerReadyRequest;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Calls of the Open Inference Protocol that are written as paths and JSON, made over gRPC: what both protocols say, they say
 * of one text.
 */
final class GrpcCalls implements AutoCloseable {
    private static final Pattern MODEL = Pattern.compile("/v2/models/([^/]+)(?:/versions/([^/]+))?(/ready|/infer)?");

    /** What HTTP calls each of the codes. */
    private static final Map<String, Integer> STATUSES = Map.of(
            "INVALID_ARGUMENT", 400,
            "PERMISSION_DENIED", 403,
            "NOT_FOUND", 404,
            "INTERNAL", 500,
            "UNAVAILABLE", 503,
            "DEADLINE_EXCEEDED", 504);

    private final ManagedChannel channel;
    private final GRPCInferenceServiceBlockingStub client;

    GrpcCalls(ServiceProcess service) {
        channel = NettyChannelBuilder.forTarget(service.grpcAddress())
                .usePlaintext()
                .maxInboundMessageSize(64 << 20)
                .build();
        client = GRPCInferenceServiceGrpc.newBlockingStub(channel);
    }

    record Answer(int status, JsonNode body) {}

    /** A call of any method with one message, whatever comes of it. */
    static void callNamed(ServiceProcess service, String method, String requestId, ModelInferRequest message) {
        ManagedChannel channel = NettyChannelBuilder.forTarget(service.grpcAddress())
                .usePlaintext()
                .build();
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER), requestId);
        MethodDescriptor<ModelInferRequest, ModelInferResponse> named =
                GRPCInferenceServiceGrpc.getModelInferMethod().toBuilder()
                        .setFullMethodName(method)
                        .build();
        try {
            ClientCalls.blockingUnaryCall(
                    ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
                    named,
                    CallOptions.DEFAULT,
                    message);
        } catch (StatusRuntimeException e) {
            // the log tells it
        } finally {
            channel.shutdownNow();
        }
    }

    /**
     * @param raw whether elements are sent as bytes
     * @param body of infer
     */
    Answer call(String path, JsonNode body, boolean raw) {
        return answer(() -> switch (path) {
            case "/v2" -> server();
            case "/v2/health/live" ->
                object().put(
                                "live",
                                client.serverLive(ServerLiveRequest.getDefaultInstance())
                                        .getLive());
            case "/v2/health/ready" ->
                object().put(
                                "ready",
                                client.serverReady(ServerReadyRequest.getDefaultInstance())
                                        .getReady());
            default -> model(path, body, raw);
        });
    }

    private static Answer answer(Supplier<ObjectNode> call) {
        try {
            return new Answer(200, call.get());
        } catch (StatusRuntimeException e) {
            String code = e.getStatus().getCode().name();
            return new Answer(
                    STATUSES.getOrDefault(code, -1),
                    object().put("error", e.getStatus().getDescription()).put("grpc_code", code));
        }
    }

    private static ObjectNode object() {
        return JsonClient.JSON.createObjectNode();
    }

    private ObjectNode server() {
        var answer = client.serverMetadata(ServerMetadataRequest.getDefaultInstance());
        ObjectNode json = object().put("name", answer.getName()).put("version", answer.getVersion());
        ArrayNode extensions = json.putArray("extensions");
        answer.getExtensionsList().forEach(extensions::add);
        return json;
    }

    private ObjectNode model(String path, JsonNode body, boolean raw) {
        Matcher named = MODEL.matcher(path);
        if (!named.matches()) {
            throw new IllegalArgumentException("gRPC has nothing like " + path);
        }
        String version = named.group(2) == null ? "" : named.group(2);
        String what = named.group(3) == null ? "" : named.group(3);
        return switch (what) {
            case "/ready" -> ready(named.group(1), version);
            case "/infer" -> json(client.modelInfer(request(named.group(1), version, body, raw)));
            default -> metadata(named.group(1), version);
        };
    }

    /** Over HTTP a model that is not ready is a status. */
    private ObjectNode ready(String model, String version) {
        boolean ready = client.modelReady(ModelReadyRequest.newBuilder()
                        .setName(model)
                        .setVersion(version)
                        .build())
                .getReady();
        return object().put("name", model).put("ready", ready);
    }

    private ObjectNode metadata(String model, String version) {
        ModelMetadataResponse answer = client.modelMetadata(ModelMetadataRequest.newBuilder()
                .setName(model)
                .setVersion(version)
                .build());
        ObjectNode json = object().put("name", answer.getName()).put("platform", answer.getPlatform());
        ArrayNode versions = json.putArray("versions");
        answer.getVersionsList().forEach(versions::add);
        add(json.putArray("inputs"), answer.getInputsList());
        add(json.putArray("outputs"), answer.getOutputsList());
        return json;
    }

    private static void add(ArrayNode target, List<TensorMetadata> tensors) {
        for (TensorMetadata tensor : tensors) {
            ArrayNode shape = target.addObject()
                    .put("name", tensor.getName())
                    .put("datatype", tensor.getDatatype())
                    .putArray("shape");
            tensor.getShapeList().forEach(shape::add);
        }
    }

    private static ModelInferRequest request(String model, String version, JsonNode body, boolean raw) {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder()
                .setModelName(model)
                .setModelVersion(version)
                .setId(body.path("id").asText(""));
        request.putAllParameters(parameters(body.path("parameters")));
        for (JsonNode input : body.path("inputs")) {
            InferInputTensor.Builder tensor = InferInputTensor.newBuilder()
                    .setName(input.path("name").asText(""))
                    .setDatatype(input.path("datatype").asText(""))
                    .putAllParameters(parameters(input.path("parameters")));
            input.path("shape").forEach(size -> tensor.addShape(size.asLong()));
            if (raw) {
                request.addRawInputContents(ByteString.copyFrom(ProtocolTensors.raw(input)));
            } else if (!tensor.getDatatype().isEmpty()) {
                tensor.setContents(ProtocolTensors.typed(input));
            }
            request.addInputs(tensor);
        }
        for (JsonNode output : body.path("outputs")) {
            request.addOutputs(InferRequestedOutputTensor.newBuilder()
                    .setName(output.path("name").asText(""))
                    .putAllParameters(parameters(output.path("parameters"))));
        }
        return request.build();
    }

    private static Map<String, InferParameter> parameters(JsonNode named) {
        Map<String, InferParameter> parameters = new HashMap<>();
        named.properties().forEach(field -> {
            InferParameter.Builder value = InferParameter.newBuilder();
            if (field.getValue().isBoolean()) {
                value.setBoolParam(field.getValue().asBoolean());
            } else if (field.getValue().isIntegralNumber()) {
                value.setInt64Param(field.getValue().asLong());
            } else {
                value.setStringParam(field.getValue().asText());
            }
            parameters.put(field.getKey(), value.build());
        });
        return parameters;
    }

    private static ObjectNode json(ModelInferResponse answer) {
        ObjectNode json =
                object().put("model_name", answer.getModelName()).put("model_version", answer.getModelVersion());
        if (!answer.getId().isEmpty()) {
            json.put("id", answer.getId());
        }
        ArrayNode outputs = json.putArray("outputs");
        for (int index = 0; index < answer.getOutputsCount(); index++) {
            InferOutputTensor output = answer.getOutputs(index);
            outputs.add(ProtocolTensors.json(
                    output.getName(),
                    output.getDatatype(),
                    output.getShapeList(),
                    answer.getRawOutputContents(index).toByteArray()));
        }
        return json;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
