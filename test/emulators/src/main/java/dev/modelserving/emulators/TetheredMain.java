package dev.modelserving.emulators;

import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.List;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Runs a main class on a tether: this process ends at once when its parent ends, however that happened, so a killed test
 * run leaves no server behind; and a Ctrl-C, which a terminal sends to every process, is left to the parent, which ends
 * its children in order. See {@link #command}.
 */
public final class TetheredMain {
    private TetheredMain() {}

    /** What follows the class path on a command line: {@code main} tethered to this process. */
    public static List<String> command(String main) {
        return List.of(
                TetheredMain.class.getName(),
                Long.toString(ProcessHandle.current().pid()),
                main);
    }

    public static void main(String[] args) throws Throwable {
        // Asked for by number: a parent that is gone already has left us another one.
        ProcessHandle.of(Long.parseLong(args[0]))
                .ifPresentOrElse(parent -> parent.onExit().thenRun(TetheredMain::end), TetheredMain::end);
        Signal.handle(new Signal("INT"), SignalHandler.SIG_IGN);
        try {
            Class.forName(args[1]).getMethod("main", String[].class).invoke(null, (Object)
                    Arrays.copyOfRange(args, 2, args.length));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static void end() {
        Runtime.getRuntime().halt(1);
    }
}
