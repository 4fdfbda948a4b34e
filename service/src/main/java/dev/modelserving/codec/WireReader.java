package dev.modelserving.codec;

import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Problem;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The <a href="https://protobuf.dev/programming-guides/encoding/">wire format of protocol buffers</a>, read where it lies:
 * through a window, so that large fields are passed over, or copied once, without being looked at. For one message.
 *
 * <p>Every method throws {@link InferenceException} INVALID_INPUT at what is no message.
 */
final class WireReader {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private static final int WINDOW = 4 << 10;
    private static final int MOST_VARINT_BITS = 70;

    private final RequestBody body;
    private final byte[] window;
    private int windowBegin;
    private int windowEnd;
    private int position;
    private int end;
    private int field;
    private int wireType;

    WireReader(RequestBody body) {
        this.body = body;
        this.window = new byte[Math.min(WINDOW, body.length())];
        this.end = body.length();
    }

    /** Goes on to the next field; false at the end of the message. */
    boolean next() {
        if (position == end) {
            return false;
        }
        int begin = position;
        long tag = varint();
        field = (int) (tag >>> 3);
        wireType = (int) tag & 7;
        if (tag >>> 32 != 0 || field == 0) {
            throw malformed("a field's number and type", begin);
        }
        return true;
    }

    int field() {
        return field;
    }

    int wireType() {
        return wireType;
    }

    /** Where the next byte lies in the body. */
    int position() {
        return position;
    }

    /** Whether there is something before the end of the message or of the field that was entered. */
    boolean hasMore() {
        return position < end;
    }

    void moveTo(int place) {
        position = place;
    }

    /**
     * Ends the message that is read, from now on, where a field of {@code length} bytes ends that begins here.
     *
     * @return for {@link #leave}
     */
    int enter(int length) {
        int outer = end;
        end = position + length;
        return outer;
    }

    /** Goes on behind the field. */
    void leave(int outer) {
        position = end;
        end = outer;
    }

    /** Passes the value of the field. */
    void skip() {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED64 -> pass(Long.BYTES);
            case BYTES -> pass(length());
            case FIXED32 -> pass(Integer.BYTES);
            default -> throw malformed("a field of wire type 0, 1, 2 or 5", position);
        }
    }

    /** Passes so many bytes. */
    void pass(int count) {
        if (count > end - position) {
            throw malformed(count + " more bytes", position);
        }
        position += count;
    }

    /** Up to 64 bits. */
    long varint() {
        int begin = position;
        long value = 0;
        for (int shift = 0; shift < MOST_VARINT_BITS; shift += 7) {
            byte next = nextByte();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw malformed("a number of at most ten bytes", begin);
    }

    /** The length of the field that begins behind it, all of which is there. */
    int length() {
        int begin = position;
        requireType(BYTES);
        long length = varint();
        if (length < 0 || length > end - position) {
            throw malformed(Long.toUnsignedString(length) + " more bytes", begin);
        }
        return (int) length;
    }

    /** @throws InferenceException when the field has another type on the wire */
    void requireType(int expected) {
        if (wireType != expected) {
            throw malformed("field " + field + " to have wire type " + expected, position);
        }
    }

    /** The whole of the field, in UTF-8. */
    String string() {
        byte[] bytes = bytes();
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed("text in UTF-8", position - bytes.length);
        }
    }

    /** The whole of the field. */
    byte[] bytes() {
        byte[] bytes = new byte[length()];
        body.copy(position, bytes, 0, bytes.length);
        position += bytes.length;
        return bytes;
    }

    /** Fills {@code target} with little-endian elements as they lie here. */
    void copyTo(ByteBuffer target) {
        int count = target.remaining();
        int begin = position;
        pass(count);
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new UnsupportedOperationException("binary tensors on a big-endian machine");
        }
        body.copy(begin, target);
    }

    private byte nextByte() {
        if (position >= end) {
            throw malformed("more bytes", position);
        }
        if (position < windowBegin || position >= windowEnd) {
            windowBegin = position;
            windowEnd = Math.min(position + window.length, body.length());
            body.copy(windowBegin, window, 0, windowEnd - windowBegin);
        }
        return window[position++ - windowBegin];
    }

    private static InferenceException malformed(String expected, int place) {
        return InferenceException.invalid(
                List.of(new Problem("body", "is no message:", expected + " at byte " + place, "something else")));
    }
}
