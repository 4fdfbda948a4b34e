package dev.modelserving.pipeline;

import dev.modelserving.artifact.ArtifactException;
import dev.modelserving.registry.RegistryException;
import java.io.Serial;

/** There can be no verdict, for a reason that is not the model's. */
final class StepFailure extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final ExitCode code;

    StepFailure(ExitCode code, String message) {
        super(message);
        this.code = code;
    }

    private StepFailure(ExitCode code, Exception cause) {
        super(cause.getMessage(), cause);
        this.code = code;
    }

    static StepFailure of(RegistryException e) {
        return new StepFailure(
                switch (e.kind()) {
                    case REFUSED -> ExitCode.INTERNAL_FAILURE;
                    case OVERTAKEN, UNAVAILABLE -> ExitCode.TEMPORARY_FAILURE;
                    case MISCONFIGURED -> ExitCode.CONFIGURATION;
                },
                e);
    }

    static StepFailure of(ArtifactException e) {
        return new StepFailure(
                switch (e.kind()) {
                    case UNAVAILABLE -> ExitCode.TEMPORARY_FAILURE;
                    case MISCONFIGURED -> ExitCode.CONFIGURATION;
                    case DISK, MISSING, WRONG, TOO_LARGE -> ExitCode.INTERNAL_FAILURE;
                },
                e);
    }

    ExitCode code() {
        return code;
    }
}
