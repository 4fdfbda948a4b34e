package dev.modelserving.api.rest;

import java.util.Optional;

/** The version of this build, from the JAR's manifest. */
final class ServiceVersion {
    static final String VALUE = Optional.ofNullable(
                    ServiceVersion.class.getPackage().getImplementationVersion())
            .orElse("unpackaged");

    private ServiceVersion() {}
}
