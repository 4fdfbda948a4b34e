package dev.modelserving.artifact;

import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** What a failed call to AWS calls for. */
public final class AwsFault {
    /** S3 API reference, "Error responses"; DynamoDB developer guide, "Error handling"; and those of every service. */
    private static final Set<String> CONFIGURATION = Set.of(
            "AccessDenied",
            "AccessDeniedException",
            "AccountProblem",
            "AllAccessDisabled",
            "AuthorizationHeaderMalformed",
            "IncompleteSignature",
            "IncompleteSignatureException",
            "InvalidAccessKeyId",
            "InvalidBucketName",
            "InvalidSignatureException",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "NoSuchBucket",
            "PermanentRedirect",
            "ResourceNotFoundException",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException");

    private AwsFault() {}

    /**
     * Whether asking again cannot help before somebody has changed a name, a policy or the credentials. Throttling,
     * expired credentials (they are renewed), server errors and what never arrived are not of that kind.
     */
    public static boolean isConfiguration(SdkException e) {
        return CONFIGURATION.contains(code(e))
                || String.valueOf(e.getMessage()).startsWith("Unable to load credentials from any of the providers");
    }

    /** The service's own name for it; empty when the call did not reach the service. */
    public static String code(SdkException e) {
        return e instanceof AwsServiceException service && service.awsErrorDetails() != null
                ? String.valueOf(service.awsErrorDetails().errorCode())
                : "";
    }
}
