package dev.modelserving.artifact;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.Path;

/** The folder for verified copies cannot be made or written, so that no model could be served. */
public final class CacheFolderException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    CacheFolderException(Path folder, IOException cause) {
        super(folder + " cannot be written: " + ArtifactException.withoutPath(cause), cause);
    }
}
