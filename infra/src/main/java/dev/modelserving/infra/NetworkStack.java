package dev.modelserving.infra;

import dev.modelserving.infra.acknowledgement.Findings;
import dev.modelserving.infra.network.ServingNetwork;
import dev.modelserving.infra.network.ServingNetworkProps;
import dev.modelserving.infra.network.ServingNetworkPropsBuilder;
import dev.modelserving.infra.settings.StageSettings;
import java.util.List;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.LogGroup;
import software.constructs.Construct;

/** A new VPC. There is none of these stacks where the platform brings its own. */
final class NetworkStack extends Stack {
    private final ServingNetwork network;

    NetworkStack(Construct scope, String id, StackProps props, StageSettings settings, DataStack data) {
        super(scope, id, props);
        StageSettings.Network wanted = settings.network();
        ServingNetworkPropsBuilder network = ServingNetworkProps.builder()
                .cidr(wanted.cidr())
                .availabilityZones(wanted.availabilityZones())
                .natGateways(wanted.natGateways())
                .prefixLists(wanted.prefixLists());
        if (wanted.flowLogs()) {
            IKey key = data.key().orElse(null);
            LogGroup flowLogs = LogGroup.Builder.create(this, "FlowLogs")
                    .retention(settings.observability().logRetention())
                    .encryptionKey(key)
                    .removalPolicy(data.removalPolicy())
                    .build();
            Findings.acknowledgeKey(flowLogs, key);
            network.flowLogs(flowLogs);
        }
        this.network = new ServingNetwork(this, "Network", network.build());
        CfnOutput.Builder.create(this, "VpcId")
                .value(this.network.vpc().getVpcId())
                .description("Callers run here, or in a VPC that is connected to it")
                .build();
    }

    ServingNetwork network() {
        return network;
    }

    /** CDK's own looks the zones of a known account up, over the network. */
    @Override
    public List<String> getAvailabilityZones() {
        return ServingNetwork.zones(2);
    }
}
