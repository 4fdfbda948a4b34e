package dev.modelserving;

import java.nio.file.Path;

/** Models of {@code test/models}, for tests that need a real one. */
public final class SampleFolders {
    public static final Path IRIS_1 = Path.of("..", "test", "models", "iris", "1");
    public static final Path IRIS_2 = Path.of("..", "test", "models", "iris", "2");
    public static final Path PENGUINS = Path.of("..", "test", "models", "penguins", "1");
    public static final Path DIGITS = Path.of("..", "test", "models", "digits", "1");

    private SampleFolders() {}
}
