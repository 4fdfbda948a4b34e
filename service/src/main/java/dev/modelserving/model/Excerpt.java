package dev.modelserving.model;

/** What a caller sent, short and printable enough to stand in a message. */
public final class Excerpt {
    private static final int LONGEST = 60;

    private Excerpt() {}

    /** {@code text} in single quotes; control characters replaced, the end cut off where it is long. */
    public static String quoted(String text) {
        return "'" + of(text, LONGEST) + "'";
    }

    /** {@code text} with control characters replaced, and the end cut off where it is long. */
    public static String of(String text) {
        return of(text, LONGEST);
    }

    /** The same with at most {@code longest} characters. */
    public static String of(String text, int longest) {
        int end = Math.min(text.length(), longest);
        StringBuilder shown = new StringBuilder(end + 1);
        if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        text.codePoints().limit(text.codePointCount(0, end)).forEach(c -> shown.appendCodePoint(printable(c)));
        return shown.append(end < text.length() ? "…" : "").toString();
    }

    private static int printable(int codePoint) {
        boolean lone = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
        return Character.isISOControl(codePoint) || lone ? '\uFFFD' : codePoint;
    }
}
