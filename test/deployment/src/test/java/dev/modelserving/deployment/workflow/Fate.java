package dev.modelserving.deployment.workflow;

import java.util.Map;

/** What becomes of one task that a state machine asks ECS for. */
@FunctionalInterface
interface Fate {
    /** A step of a test. */
    @FunctionalInterface
    interface Step {
        void take() throws Exception;
    }

    /** ECS refuses to run the task at all. */
    final class Refused extends Exception {
        @java.io.Serial
        private static final long serialVersionUID = 1;

        private final String error;

        Refused(String error, String cause) {
            super(cause);
            this.error = error;
        }

        String error() {
            return error;
        }
    }

    /** Blocks until the task has ended. */
    Ending meet(PipelineTask task) throws Exception;

    /** The container runs to its end. */
    static Fate runs() {
        return runs(Map.of());
    }

    /** The container runs to its end, with other variables than the task definition says. */
    static Fate runs(Map<String, String> variables) {
        return task -> Ending.exited(task.run(variables));
    }

    static Fate runsAfter(Step step) {
        return task -> {
            step.take();
            return runs().meet(task);
        };
    }

    /** Something happens between the container's end and the state machine's hearing of it. */
    static Fate runsBefore(Step step) {
        return task -> {
            Ending ending = runs().meet(task);
            step.take();
            return ending;
        };
    }

    /** The container is told to end while it runs. */
    static Fate interrupted() {
        return task -> Ending.spotInterruption(task.terminate());
    }

    /** The container takes more memory than there is. */
    static Fate outOfMemory() {
        return task -> Ending.outOfMemory(task.kill());
    }

    /** The container's process ends like this, whatever it does; nothing runs. */
    static Fate exits(int code) {
        return task -> Ending.exited(code);
    }

    static Fate notStarted(String reason) {
        return task -> Ending.notStarted(reason);
    }

    /** What AWS answers where it has no machine left. */
    static Fate noCapacity() {
        return task -> {
            throw new Refused(
                    "ECS.AmazonECSException",
                    "Capacity is unavailable at this time. Please try again later or in a different availability zone"
                            + " (Service: AmazonECS; Status Code: 400; Error Code: ClientException; Proxy: null)");
        };
    }
}
