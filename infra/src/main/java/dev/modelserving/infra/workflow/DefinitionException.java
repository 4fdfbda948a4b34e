package dev.modelserving.infra.workflow;

/** A definition that cannot be deployed; the message says where it is wrong, and what was expected. */
public final class DefinitionException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    DefinitionException(String message) {
        super(message);
    }
}
