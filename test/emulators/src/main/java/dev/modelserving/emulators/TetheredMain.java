package dev.modelserving.emulators;

import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Runs the main class named by the first argument on a tether: this process ends at once when its parent ends, however
 * that happened, so a killed test run leaves no server behind; and a Ctrl-C, which a terminal sends to every process, is
 * left to the parent, which ends its children in order.
 */
public final class TetheredMain {
    private TetheredMain() {}

    public static void main(String[] args) throws Throwable {
        ProcessHandle.current()
                .parent()
                .ifPresent(parent ->
                        parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
        Signal.handle(new Signal("INT"), SignalHandler.SIG_IGN);
        try {
            Class.forName(args[0]).getMethod("main", String[].class).invoke(null, (Object)
                    Arrays.copyOfRange(args, 1, args.length));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
