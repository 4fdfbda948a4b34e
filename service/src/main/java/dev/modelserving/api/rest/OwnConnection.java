package dev.modelserving.api.rest;

import java.io.BufferedInputStream;
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
    private static final String LENGTH = "content-length: ";
    private static final String CLOSE = "connection: close";

    private final Socket socket;
    private final InputStream answers;
    private final OwnConnections connections;

    private OwnConnection(Socket socket, OwnConnections connections) throws IOException {
        this.socket = socket;
        this.answers = new BufferedInputStream(socket.getInputStream());
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
        boolean right = line().startsWith("HTTP/1.1 200 ");
        long length = 0;
        boolean ends = false;
        for (String field = line(); !field.isEmpty(); field = line()) {
            String lower = field.toLowerCase(Locale.ROOT);
            if (lower.startsWith(LENGTH)) {
                length = Long.parseLong(lower, LENGTH.length(), lower.length(), 10);
            }
            ends |= lower.equals(CLOSE);
        }
        answers.skipNBytes(length);
        if (ends) {
            throw new EOFException("the service closes connections");
        }
        return right;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = answers.read(); next != '\n'; next = answers.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
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
