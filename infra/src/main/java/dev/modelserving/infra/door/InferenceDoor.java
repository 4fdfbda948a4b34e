package dev.modelserving.infra.door;

import dev.modelserving.infra.acknowledgement.Findings;
import dev.modelserving.infra.service.EcsFargateServiceConstruct;
import java.util.List;
import software.amazon.awscdk.aws_apigatewayv2_authorizers.HttpIamAuthorizer;
import software.amazon.awscdk.aws_apigatewayv2_integrations.HttpServiceDiscoveryIntegration;
import software.amazon.awscdk.services.apigateway.AccessLogFormat;
import software.amazon.awscdk.services.apigatewayv2.AddRoutesOptions;
import software.amazon.awscdk.services.apigatewayv2.HttpApi;
import software.amazon.awscdk.services.apigatewayv2.HttpMethod;
import software.amazon.awscdk.services.apigatewayv2.HttpStage;
import software.amazon.awscdk.services.apigatewayv2.IAccessLogDestination;
import software.amazon.awscdk.services.apigatewayv2.IAccessLogSettings;
import software.amazon.awscdk.services.apigatewayv2.LogGroupLogDestination;
import software.amazon.awscdk.services.apigatewayv2.ThrottleSettings;
import software.amazon.awscdk.services.apigatewayv2.VpcLink;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.iam.Grant;
import software.amazon.awscdk.services.iam.GrantOnPrincipalOptions;
import software.amazon.awscdk.services.iam.IGrantable;
import software.amazon.awscdk.services.logs.LogGroup;
import software.constructs.Construct;

/**
 * A way in from outside the VPC: an HTTP API, whose link finds tasks through Cloud Map; still no load balancer. Callers
 * sign requests with AWS credentials (SigV4, service {@code execute-api}) and need {@link #grantInvoke}.
 *
 * <p>API Gateway's limits hold for what comes this way: 30 s for an answer, 10 MB for a request, no gRPC.
 */
public final class InferenceDoor extends Construct {
    private static final List<String> GETS =
            List.of("/health", "/models", "/models/{model_id}", "/v1/{proxy+}", "/v2", "/v2/{proxy+}");
    private static final List<String> POSTS = List.of("/predict/{model_id}", "/v1/{proxy+}", "/v2/{proxy+}");

    private final HttpApi api;
    private final HttpStage stage;

    public InferenceDoor(Construct scope, String id, InferenceDoorProps props) {
        super(scope, id);
        SecurityGroup group = SecurityGroup.Builder.create(this, "Link")
                .vpc(props.vpc())
                .description("The link of the inference API to the tasks")
                .allowAllOutbound(false)
                .build();
        group.getConnections()
                .allowTo(props.service(), Port.tcp(EcsFargateServiceConstruct.HTTP_PORT), "REST, of the inference API");
        VpcLink link = VpcLink.Builder.create(this, "VpcLink")
                .vpc(props.vpc())
                .subnets(props.subnets())
                .securityGroups(List.of(group))
                .build();
        this.api = HttpApi.Builder.create(this, "Api")
                .description("Model serving from outside the VPC")
                .createDefaultStage(false)
                .defaultAuthorizer(new HttpIamAuthorizer())
                .build();
        HttpServiceDiscoveryIntegration tasks = HttpServiceDiscoveryIntegration.Builder.create(
                        "Tasks", props.service().discovery())
                .vpcLink(link)
                .build();
        GETS.forEach(path -> route(HttpMethod.GET, path, tasks));
        POSTS.forEach(path -> route(HttpMethod.POST, path, tasks));
        LogGroup log = LogGroup.Builder.create(this, "AccessLog")
                .retention(props.logRetention())
                .encryptionKey(props.logKey())
                .removalPolicy(props.logRemovalPolicy())
                .build();
        Findings.acknowledgeKey(log, props.logKey());
        this.stage = HttpStage.Builder.create(this, "Stage")
                .httpApi(api)
                .stageName("$default")
                .autoDeploy(true)
                .throttle(ThrottleSettings.builder()
                        .rateLimit(props.requestsPerSecond())
                        .burstLimit(props.burst())
                        .build())
                .accessLogSettings(accessLog(log))
                .build();
    }

    /** Where callers outside the VPC send their requests. */
    public String url() {
        return stage.getUrl();
    }

    /** To call every route. */
    public Grant grantInvoke(IGrantable grantee) {
        return Grant.addToPrincipal(GrantOnPrincipalOptions.builder()
                .grantee(grantee)
                .actions(List.of("execute-api:Invoke"))
                .resourceArns(List.of(api.arnForExecuteApi("*", "/*", "$default")))
                .build());
    }

    /** Requests. */
    public Metric metricCount() {
        return api.metricCount();
    }

    /** Requests that were refused at the door (not allowed, too many) or behind it. */
    public Metric metricClientError() {
        return api.metricClientError();
    }

    /** Requests that failed at the door or behind it. */
    public Metric metricServerError() {
        return api.metricServerError();
    }

    /** From the request's arrival at the door to the answer, in milliseconds. */
    public Metric metricLatency() {
        return api.metricLatency();
    }

    private void route(HttpMethod method, String path, HttpServiceDiscoveryIntegration tasks) {
        api.addRoutes(AddRoutesOptions.builder()
                .path(path)
                .methods(List.of(method))
                .integration(tasks)
                .build());
    }

    private static IAccessLogSettings accessLog(LogGroup log) {
        return new IAccessLogSettings() {
            @Override
            public IAccessLogDestination getDestination() {
                return new LogGroupLogDestination(log);
            }

            @Override
            public AccessLogFormat getFormat() {
                // All in quotes: what there is not, API Gateway writes as a hyphen.
                return AccessLogFormat.custom(
                        "{\"request_id\":\"$context.requestId\",\"time\":\"$context.requestTime\","
                                + "\"client\":\"$context.identity.sourceIp\",\"caller\":\"$context.identity.caller\","
                                + "\"route\":\"$context.routeKey\",\"status\":\"$context.status\","
                                + "\"bytes\":\"$context.responseLength\",\"duration_ms\":\"$context.responseLatency\","
                                + "\"error\":\"$context.integrationErrorMessage\"}");
            }
        };
    }
}
