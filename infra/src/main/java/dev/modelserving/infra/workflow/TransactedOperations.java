package dev.modelserving.infra.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelserving.infra.workflow.WorkflowDefinition.State;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Which operations a transaction has: IAM asks for each of them, and not for the transaction.
 *
 * <p>{@code TransactItems} may be JSON, or a JSONata expression that makes it, or any mixture. In an expression an
 * operation is a key in quotes with a colon; where the expression names a variable, whatever is assigned to it anywhere in
 * the definition is looked through too. That finds at least what the expression can make; a key that is computed is not
 * found, and a transaction in which none is found is refused.
 */
final class TransactedOperations {
    private static final Map<String, String> ACTIONS = Map.of(
            "Put", "dynamodb:PutItem",
            "Update", "dynamodb:UpdateItem",
            "Delete", "dynamodb:DeleteItem",
            "ConditionCheck", "dynamodb:ConditionCheckItem");
    private static final Pattern KEY = Pattern.compile("(['\"`])(Put|Update|Delete|ConditionCheck)\\1\\s*:");
    private static final Pattern VARIABLE = Pattern.compile("\\$([A-Za-z_][A-Za-z0-9_]*)");

    private final WorkflowDefinition definition;
    private final Set<String> actions = new TreeSet<>();
    private final Set<String> followed = new HashSet<>();

    private TransactedOperations(WorkflowDefinition definition) {
        this.definition = definition;
    }

    /**
     * IAM's names of the operations.
     *
     * @throws DefinitionException if there is none
     */
    static Set<String> in(State state, WorkflowDefinition definition) {
        TransactedOperations operations = new TransactedOperations(definition);
        JsonNode arguments = state.arguments();
        operations.find(arguments.isTextual() ? arguments : arguments.path("TransactItems"));
        if (operations.actions.isEmpty()) {
            throw state.fault(
                    "TransactItems names no operation", "Put, Update, Delete or ConditionCheck as a key in it");
        }
        return operations.actions;
    }

    private void find(JsonNode node) {
        node.fieldNames().forEachRemaining(field -> {
            if (ACTIONS.containsKey(field)) {
                actions.add(ACTIONS.get(field));
            }
        });
        node.forEach(this::find);
        if (node.isTextual()) {
            find(node.textValue());
        }
    }

    private void find(String expression) {
        KEY.matcher(expression)
                .results()
                .map((MatchResult key) -> ACTIONS.get(key.group(2)))
                .forEach(actions::add);
        VARIABLE.matcher(expression)
                .results()
                .map((MatchResult variable) -> variable.group(1))
                .filter(followed::add)
                .forEach(variable -> definition.assigned(variable).forEach(this::find));
    }
}
