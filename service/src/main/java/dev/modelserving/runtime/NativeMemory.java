package dev.modelserving.runtime;

import com.sun.jna.NativeLong;
import com.sun.jna.Structure;
import java.util.OptionalLong;

/**
 * The C library's heap, in which ONNX Runtime keeps models: how much of it is in use, and how to give the rest back. What
 * only glibc has does nothing elsewhere. Safe for use by several threads.
 */
public final class NativeMemory {
    private NativeMemory() {}

    /** In glibc's order (malloc.h, struct mallinfo2). */
    @Structure.FieldOrder({
        "arena",
        "ordblks",
        "smblks",
        "hblks",
        "hblkhd",
        "usmblks",
        "fsmblks",
        "uordblks",
        "fordblks",
        "keepcost"
    })
    public static final class MallInfo extends Structure implements Structure.ByValue {
        public NativeLong arena = new NativeLong();
        public NativeLong ordblks = new NativeLong();
        public NativeLong smblks = new NativeLong();
        public NativeLong hblks = new NativeLong();
        public NativeLong hblkhd = new NativeLong();
        public NativeLong usmblks = new NativeLong();
        public NativeLong fsmblks = new NativeLong();
        public NativeLong uordblks = new NativeLong();
        public NativeLong fordblks = new NativeLong();
        public NativeLong keepcost = new NativeLong();
    }

    /** The bytes that the process has allocated and not freed; nothing where they cannot be told. */
    public static OptionalLong inUse() {
        try {
            return LibC.find()
                    .map(LibC::mallinfo2)
                    .map(info -> OptionalLong.of(info.uordblks.longValue() + info.hblkhd.longValue()))
                    .orElse(OptionalLong.empty());
        } catch (LinkageError e) {
            return OptionalLong.empty(); // not glibc, or one before 2.33
        }
    }

    /** Gives freed memory back to the system, which glibc would keep for later. Takes a millisecond or so. */
    public static void trim() {
        try {
            LibC.find().ifPresent(c -> c.malloc_trim(new NativeLong(0)));
        } catch (LinkageError e) {
            // not glibc
        }
    }
}
