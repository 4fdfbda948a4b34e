package dev.modelserving.infra;

import dev.modelserving.infra.observability.ServingAlarms;
import dev.modelserving.infra.observability.ServingAlarmsProps;
import dev.modelserving.infra.observability.ServingDashboard;
import dev.modelserving.infra.observability.ServingDashboardProps;
import dev.modelserving.infra.observability.WorkflowAlarms;
import dev.modelserving.infra.observability.WorkflowAlarmsProps;
import dev.modelserving.infra.settings.StageSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.constructs.Construct;

/** What people look at and are told, beside the alarm that the serving stack needs itself. */
final class ObservabilityStack extends Stack {
    ObservabilityStack(
            Construct scope,
            String id,
            StackProps props,
            StageSettings settings,
            DataStack data,
            ServingStack serving,
            Optional<WorkflowStack> workflow) {
        super(scope, id, props);
        Duration latencyP99 =
                Duration.millis(settings.observability().latencyP99().toMillis());
        ServingAlarms alarms = new ServingAlarms(
                this,
                "Alarms",
                ServingAlarmsProps.builder()
                        .namePrefix(settings.qualifiedName())
                        .service(serving.service())
                        .metrics(serving.metrics())
                        .registry(data.registry())
                        .topic(serving.alarmTopic())
                        .latencyP99(latencyP99)
                        .build());
        List<Alarm> all = new ArrayList<>();
        all.add(serving.deploymentAlarm().alarm());
        all.addAll(alarms.alarms());
        workflow.ifPresent(
                stack -> all.addAll(workflowAlarms(settings, serving, stack).alarms()));
        ServingDashboard dashboard = new ServingDashboard(
                this,
                "Dashboard",
                ServingDashboardProps.builder()
                        // Dashboards are the account's, not the region's.
                        .name(settings.qualifiedName() + "-" + settings.region())
                        .service(serving.service())
                        .metrics(serving.metrics())
                        .registry(data.registry())
                        .door(serving.door().orElse(null))
                        .workflow(workflow.map(WorkflowStack::workflow).orElse(null))
                        .trigger(workflow.flatMap(WorkflowStack::trigger).orElse(null))
                        .alarms(all)
                        .latencyP99(latencyP99)
                        .build());
        CfnOutput.Builder.create(this, "DashboardName")
                .value(dashboard.name())
                .description("What to look at first: CloudWatch, Dashboards")
                .build();
    }

    private WorkflowAlarms workflowAlarms(StageSettings settings, ServingStack serving, WorkflowStack workflow) {
        return new WorkflowAlarms(
                this,
                "WorkflowAlarms",
                WorkflowAlarmsProps.builder()
                        .namePrefix(settings.qualifiedName())
                        .workflow(workflow.workflow())
                        .trigger(workflow.trigger().orElse(null))
                        .topic(serving.alarmTopic())
                        .build());
    }
}
