package dev.modelserving.runtime;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The functions of the C library, by their names there. One that it does not have throws a LinkageError. */
interface LibC extends Library {
    NativeMemory.MallInfo mallinfo2();

    int malloc_trim(NativeLong pad);

    int setpriority(int which, int who, int priority);

    /** Nothing where there is no such library. */
    static Optional<LibC> find() {
        return Holder.LIBRARY;
    }

    /** Loads it when it is asked for. */
    final class Holder {
        private static final Optional<LibC> LIBRARY = Optional.ofNullable(library());

        private Holder() {}

        private static @Nullable LibC library() {
            try {
                return Native.load("c", LibC.class);
            } catch (LinkageError e) {
                return null;
            }
        }
    }
}
