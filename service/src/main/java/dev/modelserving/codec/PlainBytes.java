package dev.modelserving.codec;

import java.nio.charset.StandardCharsets;

/**
 * A body as the tokens of JSON (RFC 8259), read through a window that stays in the processor's cache. Takes printable
 * ASCII without escapes only.
 *
 * @see NotPlain which every method throws at anything else
 */
final class PlainBytes {
    /** No number and no string that is longer is plain. */
    static final int LONGEST_TOKEN = 512;

    private static final int WINDOW = 32 << 10;
    private static final ThreadLocal<byte[]> WINDOWS = ThreadLocal.withInitial(() -> new byte[WINDOW + 1]);

    private final RequestBody body;
    private final byte[] window = WINDOWS.get();
    private int position;
    private int limit;
    private int read;

    PlainBytes(RequestBody body) {
        this.body = body;
        fill();
    }

    /** The bytes from {@link #position} on; behind the last one stands a 0. */
    byte[] window() {
        return window;
    }

    int position() {
        return position;
    }

    /** Behind the last byte of {@link #window}. */
    int limit() {
        return limit;
    }

    void moveTo(int next) {
        position = next;
    }

    /** How many bytes of the body come from {@link #position} on. */
    int unread() {
        return body.length() - read + limit - position;
    }

    /** Makes a whole token visible, if it is not too long. */
    void needToken() {
        if (limit - position < LONGEST_TOKEN && read < body.length()) {
            fill();
        }
    }

    private void fill() {
        int rest = limit - position;
        System.arraycopy(window, position, window, 0, rest);
        int count = Math.min(WINDOW - rest, body.length() - read);
        body.copy(read, window, rest, count);
        read += count;
        position = 0;
        limit = rest + count;
        window[limit] = 0;
    }

    /** The first byte of the next token, which is not passed; 0 at the end. */
    int peek() {
        while (true) {
            byte next = window[position];
            if (next > ' ') {
                return next;
            }
            if (next == ' ' || next == '\n' || next == '\r' || next == '\t') {
                position++;
            } else if (position == limit && read < body.length()) {
                fill();
            } else if (position == limit) {
                return 0;
            } else {
                throw NotPlain.it();
            }
        }
    }

    void expect(char token) {
        if (peek() != token) {
            throw NotPlain.it();
        }
        position++;
    }

    /** Passes the token if it comes next. */
    boolean passes(char token) {
        if (peek() == token) {
            position++;
            return true;
        }
        return false;
    }

    void expectEnd() {
        if (peek() != 0) {
            throw NotPlain.it();
        }
    }

    /** Goes to the content of the string that comes next, and says how long it is; {@link #endString} comes next. */
    int beginString() {
        expect('"');
        needToken();
        int end = position;
        while (window[end] != '"') {
            if (window[end] < ' ' || window[end] == '\\' || end - position >= LONGEST_TOKEN) {
                throw NotPlain.it();
            }
            end++;
        }
        return end - position;
    }

    boolean stringIs(String text, int length) {
        if (text.length() != length) {
            return false;
        }
        for (int index = 0; index < length; index++) {
            if (window[position + index] != text.charAt(index)) {
                return false;
            }
        }
        return true;
    }

    String string(int length) {
        return new String(window, position, length, StandardCharsets.ISO_8859_1);
    }

    void endString(int length) {
        position += length + 1;
    }

    /** A whole number from 0 to 10^18 - 1. */
    long size() {
        peek();
        needToken();
        int begin = position;
        long value = 0;
        while (window[position] >= '0' && window[position] <= '9') {
            value = value * 10 + window[position++] - '0';
            if (position - begin > 18) {
                throw NotPlain.it();
            }
        }
        boolean hasLeadingZero = window[begin] == '0' && position > begin + 1;
        if (position == begin || hasLeadingZero || isPartOfNumber(window[position])) {
            throw NotPlain.it();
        }
        return value;
    }

    static boolean isPartOfNumber(byte next) {
        return next == '.' || next == 'e' || next == 'E';
    }
}
