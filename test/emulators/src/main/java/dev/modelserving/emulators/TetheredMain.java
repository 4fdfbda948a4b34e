package dev.modelserving.emulators;

import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/**
 * Runs the main class named by the first argument, and ends this process at once when its parent ends, however that
 * happened: a killed test run leaves no server behind.
 */
public final class TetheredMain {
    private TetheredMain() {}

    public static void main(String[] args) throws Throwable {
        ProcessHandle.current()
                .parent()
                .ifPresent(parent ->
                        parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
        try {
            Class.forName(args[0]).getMethod("main", String[].class).invoke(null, (Object)
                    Arrays.copyOfRange(args, 1, args.length));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
