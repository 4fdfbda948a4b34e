package dev.modelserving.settings;

/**
 * How many processors this process may use. The JVM knows those of the machine, of the affinity and of the container (cgroup
 * v1 and v2), and {@code -XX:ActiveProcessorCount}; what it cannot see is the limit of an ECS task, which does not lie on
 * the container.
 *
 * @param count at least 1
 * @param basis how that is known, for a message
 */
public record Processors(int count, String basis) {
    /**
     * The least of what is known, unless somebody has chosen. A part of a processor counts as one.
     *
     * @param chosen PROCESSORS; 0: nothing was chosen
     * @param ofJvm as the JVM counts them
     */
    static Processors of(int chosen, EcsTask task, int ofJvm) {
        if (chosen > 0) {
            return new Processors(chosen, "PROCESSORS");
        }
        String byJvm = ofJvm + " by the JVM's count";
        if (task.processors() > 0) {
            int ofTask = (int) Math.min(Math.ceil(task.processors()), ofJvm);
            return new Processors(ofTask, task.processors() + " vCPU of the ECS task, " + byJvm);
        }
        return new Processors(ofJvm, byJvm);
    }
}
