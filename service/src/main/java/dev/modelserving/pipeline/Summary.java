package dev.modelserving.pipeline;

import dev.modelserving.model.ModelRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What became of all versions of a run. Belongs to one thread. */
final class Summary {
    private static final Logger LOG = LoggerFactory.getLogger(Summary.class);

    private final long begin = System.nanoTime();
    private final List<String> others = new ArrayList<>();
    private int verified;
    private ExitCode exitCode = ExitCode.DONE;

    /** @param finding nothing when the version is not registered */
    ExitCode add(ModelRef ref, Optional<Finding> finding) {
        if (finding.isEmpty()) {
            others.add(ref + " is not in the registry");
            return note(ExitCode.NOT_REGISTERED);
        }
        if (finding.get().code().isVerified()) {
            verified++;
            return note(ExitCode.DONE);
        }
        others.add(ref + " REJECTED (" + finding.get().code() + ")");
        return note(ExitCode.REJECTED);
    }

    ExitCode failed(String what, StepFailure e) {
        if (e.code() == ExitCode.INTERNAL_FAILURE) {
            LOG.error("{}: no verdict", what, e);
        } else {
            LOG.error("{}: no verdict: {}", what, e.getMessage());
        }
        others.add(what + ": no verdict (" + e.code() + ")");
        return note(e.code());
    }

    private ExitCode note(ExitCode code) {
        exitCode = code.compareTo(exitCode) < 0 ? code : exitCode;
        return code;
    }

    ExitCode exitCode() {
        return exitCode;
    }

    /** One line. */
    @Override
    public String toString() {
        long millis = (System.nanoTime() - begin) / 1_000_000;
        String rest = others.isEmpty() ? "" : ", " + String.join(", ", others);
        return verified + " VERIFIED" + rest + "; exit code " + exitCode.number() + " after " + millis + " ms";
    }
}
