package dev.modelserving.codec;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Passes on bytes that are UTF-8 (RFC 3629) and refuses others, which Jackson reads as some character: overlong forms,
 * halves of surrogate pairs, and what is beyond U+10FFFF.
 */
final class Utf8Stream extends FilterInputStream {
    private long position;
    /** How many bytes of the character are to come. */
    private int missing;
    /** What the next of them may be. */
    private int least = 0x80;

    private int most = 0xBF;

    Utf8Stream(InputStream bytes) {
        super(bytes);
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        if (value >= 0) {
            check(value);
        }
        return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = super.read(target, offset, length);
        for (int index = offset; index < offset + count; index++) {
            if (target[index] < 0 || missing > 0) {
                check(target[index] & 0xFF);
            } else {
                position++;
            }
        }
        return count;
    }

    private void check(int value) throws IOException {
        position++;
        if (missing > 0) {
            if (value < least || value > most) {
                throw refused(value);
            }
            missing--;
            least = 0x80;
            most = 0xBF;
        } else if (value >= 0x80) {
            begin(value);
        }
    }

    private void begin(int value) throws IOException {
        if (value < 0xC2 || value > 0xF4) {
            throw refused(value);
        }
        missing = value < 0xE0 ? 1 : value < 0xF0 ? 2 : 3;
        least = value == 0xE0 ? 0xA0 : value == 0xF0 ? 0x90 : 0x80;
        most = value == 0xED ? 0x9F : value == 0xF4 ? 0x8F : 0xBF;
    }

    private IOException refused(int value) {
        return new IOException("byte %d, 0x%02x, is not UTF-8 there".formatted(position, value));
    }
}
