package dev.modelserving.registry;

/** What a verification found, in one word; README tells people what to do about each. */
public enum VerdictCode {
    /** It loads and answers every example. */
    VERIFIED,
    /** There is no manifest where the registry says. */
    MANIFEST_MISSING,
    /** The manifest is not one, or is another version's. */
    MANIFEST_INVALID,
    /** The manifest names other files than those that are registered. */
    FILES_DIFFER,
    /** A file that the manifest names is not there. */
    FILE_MISSING,
    /** A file has another size or SHA-256 than the manifest says. */
    FILE_CORRUPT,
    /** The files, or the model's signature, are more than can be kept. */
    TOO_LARGE,
    /** The runtime does not take it as a model. */
    LOAD_FAILED,
    /** The file with examples is not one. */
    EXAMPLES_INVALID,
    /** An example is answered otherwise than it must be. */
    EXAMPLES_MISMATCH,
    /** It ended an earlier process while it was loaded. */
    CRASHED,
    /** The version is kept, but not to be served any more. */
    ARCHIVED;

    public boolean isVerified() {
        return this == VERIFIED;
    }
}
