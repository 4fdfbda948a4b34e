package dev.modelserving.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelserving.infra.workflow.DefinitionException;
import dev.modelserving.infra.workflow.WorkflowDefinition;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The definition that is deployed: every way through it ends, and ends in something that has a name. */
class DefinitionTest {
    private static final JsonNode MACHINE = Templates.of().workflow().only("AWS::StepFunctions::StateMachine");

    @Test
    void everyStateIsReachedEveryCallEndsAndEveryEndHasAName() {
        assertThat(DefinitionFaults.in(DefinitionFaults.definition(MACHINE), DefinitionFaults.given(MACHINE)))
                .isEmpty();
    }

    @Test
    void anExecutionEndsWhateverHappens() {
        assertThat(DefinitionFaults.definition(MACHINE).path("TimeoutSeconds").isInt())
                .isTrue();
    }

    @Test
    void seesAStateThatNoWayLeadsTo() {
        assertThat(faults(definition -> states(definition).putObject("Lost").put("Type", "Succeed")))
                .containsExactly("Lost: no way leads there");
        assertThat(faults(definition -> definition.put("StartAt", "Failed")))
                .contains("RegisterCandidate: no way leads there");
    }

    @Test
    void seesAWayThatLeadsNowhere() {
        assertThat(faults(definition -> state(definition, "ReadVerdict").put("Next", "ReadVerdicts")))
                .contains("ReadVerdict: leads to 'ReadVerdicts', which is not there");
        assertThat(faults(definition ->
                        ((ObjectNode) state(definition, "VerifyCandidate").at("/Catch/0")).put("Next", "Nowhere")))
                .containsExactly("VerifyCandidate: leads to 'Nowhere', which is not there");
    }

    @Test
    void seesATaskThatCouldRunForEver() {
        assertThat(faults(definition -> state(definition, "ReadVerdict").remove("TimeoutSeconds")))
                .containsExactly("ReadVerdict: a Task without TimeoutSeconds");
    }

    @Test
    void seesATaskWhoseFailureWouldEndTheExecutionUnrecorded() {
        assertThat(faults(definition -> state(definition, "RecordFailure").remove("Catch")))
                .containsExactly("RecordFailure: a Task that does not catch every error (States.ALL)");
    }

    @Test
    void seesATaskThatIsRepeatedWhateverTheReason() {
        assertThat(faults(definition -> state(definition, "VerifyCandidate")
                        .withArray("Retry")
                        .addObject()
                        .putArray("ErrorEquals")
                        .add("States.TaskFailed")))
                .containsExactly("VerifyCandidate: repeated because of States.TaskFailed");
    }

    @Test
    void seesAnEndWithoutAName() {
        assertThat(faults(definition -> state(definition, "Failed").remove("Error")))
                .containsExactly("Failed: a Fail without an Error");
        assertThat(faults(definition -> states(definition)
                        .putObject("Failed")
                        .put("Type", "Pass")
                        .put("End", true)))
                .containsExactly("Failed: an end that is neither Succeed nor Fail");
    }

    @Test
    void seesAPlaceholderWithoutAValueAndAValueWithoutAPlaceholder() {
        ObjectNode definition = DefinitionFaults.definition(MACHINE).deepCopy();
        Set<String> given = new TreeSet<>(DefinitionFaults.given(MACHINE));
        given.remove("RegistryTable");
        given.add("Registry");
        assertThat(DefinitionFaults.in(definition, given))
                .containsExactly("${RegistryTable}: no value is given for it", "${Registry}: given, and nowhere used");
    }

    @Test
    void aDefinitionWithOtherPlaceholdersIsRefusedAtSynthesisWithOneMessage() {
        String other = MACHINE.path("DefinitionString")
                .textValue()
                .replace("${RegistryTable}", "${Registry}")
                .replace("${PollSeconds}", "5");
        assertThatThrownBy(() -> WorkflowRoleTest.actions(other))
                .isInstanceOf(DefinitionException.class)
                .hasMessage(
                        "test: ${Registry} has no value, ${PollSeconds} is nowhere in it, ${RegistryTable} is nowhere"
                                + " in it (expected: the placeholders ClusterArn, ContainerName, Partition, PollSeconds,"
                                + " RegistryTable, RetryDelaySeconds, SecurityGroupId, ServeWithinSeconds, SubnetIds,"
                                + " TaskDefinitionArn, VerifyWithinSeconds)");
    }

    @Test
    void whatIsNoDefinitionIsRefused() {
        assertThatThrownBy(() -> WorkflowDefinition.parse("test", "{\n\"States\": {},\n\"States\": {}}"))
                .hasMessage("test: line 3, column 9: Duplicate field 'States' (expected: JSON)");
        assertThatThrownBy(() -> WorkflowDefinition.parse("test", "{}"))
                .hasMessage("test: no states (expected: States with at least one)");
    }

    private static List<String> faults(Consumer<ObjectNode> change) {
        ObjectNode definition = DefinitionFaults.definition(MACHINE).deepCopy();
        change.accept(definition);
        return DefinitionFaults.in(definition, DefinitionFaults.given(MACHINE));
    }

    private static ObjectNode states(JsonNode definition) {
        return (ObjectNode) definition.path("States");
    }

    private static ObjectNode state(JsonNode definition, String name) {
        return (ObjectNode) states(definition).path(name);
    }
}
