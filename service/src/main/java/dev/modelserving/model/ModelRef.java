package dev.modelserving.model;

/** One version of one model. */
public record ModelRef(ModelId id, ModelVersion version) implements Comparable<ModelRef> {
    /** @throws IllegalArgumentException when {@code id} or {@code version} has not its form */
    public static ModelRef of(String id, long version) {
        return new ModelRef(new ModelId(id), new ModelVersion(version));
    }

    @Override
    public int compareTo(ModelRef other) {
        int order = id.compareTo(other.id);
        return order != 0 ? order : version.compareTo(other.version);
    }

    /** For people and logs: {@code iris/2}. */
    @Override
    public String toString() {
        return id + "/" + version;
    }
}
