package dev.modelserving.api.grpc;

import java.io.IOException;
import java.io.Serial;

/** The port for gRPC cannot be opened, for the reason that the cause tells. */
public final class GrpcPortException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    GrpcPortException(IOException cause) {
        super(cause);
    }
}
