package dev.modelserving.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** A connection that sends one request over and over, never waits, and looks at no more of an answer than it must. */
final class OpenLoopConnection implements AutoCloseable {
    private static final byte[] OK = "http/1.1 200 ".getBytes(ISO_8859_1);
    private static final byte[] LENGTH = "\r\ncontent-length: ".getBytes(ISO_8859_1);
    private static final byte[] HEAD_END = "\r\n\r\n".getBytes(ISO_8859_1);

    private final SocketChannel channel;
    private final SelectionKey key;
    private final ByteBuffer request;
    private final ByteBuffer answer = ByteBuffer.allocateDirect(1 << 16);
    private final byte[] seen = new byte[answer.capacity()];
    private long due;
    private long missing;
    private boolean right;

    enum Status {
        WAITING,
        RIGHT,
        WRONG
    }

    private OpenLoopConnection(SocketChannel channel, SelectionKey key, ByteBuffer request) {
        this.channel = channel;
        this.key = key;
        this.request = request;
        key.attach(this);
    }

    static OpenLoopConnection open(SocketAddress address, byte[] request, Selector selector) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        ByteBuffer copy = ByteBuffer.allocateDirect(request.length).put(request);
        return new OpenLoopConnection(channel, channel.register(selector, SelectionKey.OP_READ), copy);
    }

    /** When its request was due, as {@link System#nanoTime} tells the time. */
    long due() {
        return due;
    }

    void send(long dueNanos) throws IOException {
        due = dueNanos;
        missing = -1;
        answer.clear();
        request.rewind();
        write();
    }

    /** Goes on with what the socket is ready for. */
    Status advance() {
        try {
            if (request.hasRemaining()) {
                write();
            }
            return read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write() throws IOException {
        channel.write(request);
        int wanted = request.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
        if (key.interestOps() != wanted) {
            key.interestOps(wanted);
        }
    }

    private Status read() throws IOException {
        int count = channel.read(answer);
        if (count < 0) {
            throw new EOFException("the service closed a connection");
        }
        if (missing < 0) {
            readHead();
        } else {
            missing -= count;
            answer.clear();
        }
        if (missing != 0) {
            return Status.WAITING;
        }
        return right ? Status.RIGHT : Status.WRONG;
    }

    /** Without objects: a collector's pauses would count as the service's. */
    private void readHead() throws IOException {
        int count = answer.position();
        answer.get(0, seen, 0, count);
        int end = find(HEAD_END, count);
        if (end < 0) {
            return;
        }
        int digit = find(LENGTH, end) + LENGTH.length;
        if (digit < LENGTH.length) {
            throw new IOException("an answer without a length: " + new String(seen, 0, end, ISO_8859_1));
        }
        long length = 0;
        for (; seen[digit] >= '0' && seen[digit] <= '9'; digit++) {
            length = 10 * length + seen[digit] - '0';
        }
        right = find(OK, OK.length) == 0;
        missing = end + HEAD_END.length + length - count;
        answer.clear();
    }

    /** Where the text, in lower case, begins in what was read; -1 if it is not there. */
    private int find(byte[] text, int limit) {
        for (int i = 0; i + text.length <= limit; i++) {
            int matched = 0;
            while (matched < text.length && lowerCase(seen[i + matched]) == text[matched]) {
                matched++;
            }
            if (matched == text.length) {
                return i;
            }
        }
        return -1;
    }

    private static byte lowerCase(byte character) {
        return character >= 'A' && character <= 'Z' ? (byte) (character + 'a' - 'A') : character;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
