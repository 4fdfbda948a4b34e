package dev.modelserving.deployment.workflow;

import org.jspecify.annotations.Nullable;

/**
 * How a task of ECS ended, in the words of its stopped tasks' errors (Amazon ECS developer guide, "Stopped tasks error
 * codes").
 *
 * @param exitCode of the container, if it ran
 * @param reason of the container's end, beyond its exit code
 */
record Ending(
        String stopCode,
        String stoppedReason,
        @Nullable Integer exitCode,
        @Nullable String reason) {
    private static final String EXITED = "EssentialContainerExited";
    private static final String ESSENTIAL = "Essential container in task exited";

    /** The container ended by itself. */
    static Ending exited(int code) {
        return new Ending(EXITED, ESSENTIAL, code, null);
    }

    /** The kernel killed the container. */
    static Ending outOfMemory(int code) {
        return new Ending(EXITED, ESSENTIAL, code, "OutOfMemoryError: Container killed due to memory usage");
    }

    static Ending spotInterruption(int code) {
        return new Ending("SpotInterruption", "Your Spot Task was interrupted.", code, null);
    }

    /** There was never a container. */
    static Ending notStarted(String reason) {
        return new Ending("TaskFailedToStart", reason, null, null);
    }

    /** By StopTask. */
    static Ending stopped(int code) {
        return new Ending("UserInitiated", "Task stopped by AWS Step Functions", code, null);
    }

    boolean isGood() {
        return stopCode.equals(EXITED) && exitCode != null && exitCode == 0;
    }
}
