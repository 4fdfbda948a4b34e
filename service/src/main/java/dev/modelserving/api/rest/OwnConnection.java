package dev.modelserving.api.rest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** One connection from the service to itself: one request after another. For use by one thread. */
final class OwnConnection implements AutoCloseable {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(1);
    private static final int LONGEST_HEAD = 8192;
    private static final String HEAD_END = "\r\n\r\n";
    private static final String RIGHT = "http/1.1 200 ";
    private static final String LENGTH = "\r\ncontent-length: ";
    private static final String CLOSE = "\r\nconnection: close\r\n";

    private final Socket socket;
    private final InputStream answers;
    private final OwnConnections connections;
    private final byte[] buffer = new byte[LONGEST_HEAD];

    private OwnConnection(Socket socket, OwnConnections connections) throws IOException {
        this.socket = socket;
        this.answers = socket.getInputStream();
        this.connections = connections;
    }

    /** Blocks until it is open. */
    static OwnConnection open(int port, OwnConnections connections) throws IOException {
        Socket socket = new Socket();
        try {
            InetAddress here = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
            socket.setTcpNoDelay(true);
            socket.bind(new InetSocketAddress(here, 0));
            connections.add(socket.getLocalPort());
            socket.connect(new InetSocketAddress(here, port), (int) CONNECT_LIMIT.toMillis());
            return new OwnConnection(socket, connections);
        } catch (IOException e) {
            connections.remove(socket.getLocalPort());
            socket.close();
            throw e;
        }
    }

    void send(byte[] message) throws IOException {
        socket.getOutputStream().write(message);
    }

    /**
     * Receives an answer. Blocks.
     *
     * @param end until when, as {@link System#nanoTime} tells time
     * @return whether it is 200
     * @throws IOException also when there is no answer in time, or the service wants the connection to end
     */
    boolean receive(long end) throws IOException {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
            throw new SocketTimeoutException("no answer in time");
        }
        socket.setSoTimeout((int) left);
        int received = 0;
        String head;
        int headEnd;
        do {
            int read = answers.read(buffer, received, buffer.length - received);
            if (read <= 0) {
                throw new EOFException("no head of an answer within " + received + " bytes");
            }
            received += read;
            head = new String(buffer, 0, received, ISO_8859_1);
            headEnd = head.indexOf(HEAD_END);
        } while (headEnd < 0);
        String fields = head.substring(0, headEnd + 2).toLowerCase(Locale.ROOT);
        answers.skipNBytes(headEnd + HEAD_END.length() + bodyLength(fields) - received);
        if (fields.contains(CLOSE)) {
            throw new EOFException("the service closes connections");
        }
        return fields.startsWith(RIGHT);
    }

    private static long bodyLength(String fields) {
        int begin = fields.indexOf(LENGTH);
        return begin < 0 ? 0 : Long.parseLong(fields, begin + LENGTH.length(), fields.indexOf('\r', begin + 2), 10);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            connections.remove(socket.getLocalPort());
        }
    }
}
