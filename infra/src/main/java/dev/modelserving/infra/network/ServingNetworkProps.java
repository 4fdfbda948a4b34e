package dev.modelserving.infra.network;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.ec2.IVpc;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.logs.ILogGroup;

/**
 * What a {@link ServingNetwork} is made of.
 *
 * @param vpc a VPC that is there; null: a new one
 * @param subnets of that VPC, for the tasks; null: its private subnets
 * @param endpointSecurityGroups of that VPC's interface endpoints; empty: HTTPS to anywhere is allowed
 * @param cidr of a new VPC
 * @param availabilityZones of a new VPC
 * @param natGateways of a new VPC; 0: no way out, AWS is reached through interface endpoints
 * @param prefixLists of S3 and DynamoDB; null: those that are known for the region
 * @param flowLogs where a new VPC's flow logs go; null: it keeps none
 */
@RecordBuilder
@RecordBuilder.Options(useImmutableCollections = true)
public record ServingNetworkProps(
        @Nullable IVpc vpc,
        @Nullable SubnetSelection subnets,
        List<ISecurityGroup> endpointSecurityGroups,
        @RecordBuilder.Initializer("DEFAULT_CIDR") String cidr,

        @RecordBuilder.Initializer("DEFAULT_AVAILABILITY_ZONES")
        int availabilityZones,

        int natGateways,
        @Nullable PrefixLists prefixLists,
        @Nullable ILogGroup flowLogs) {
    public static final String DEFAULT_CIDR = "10.40.0.0/16";
    public static final int DEFAULT_AVAILABILITY_ZONES = 2;

    public static ServingNetworkPropsBuilder builder() {
        return ServingNetworkPropsBuilder.builder();
    }
}
