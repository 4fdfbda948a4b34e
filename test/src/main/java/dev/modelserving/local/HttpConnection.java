package dev.modelserving.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * One client's connection that is kept open from request to request, for load: requests are bytes made beforehand. A
 * connection that breaks, or that is refused, costs one more try, with an address asked for anew. Belongs to one thread.
 */
public final class HttpConnection implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Supplier<int[]> ports;
    private Socket socket = new Socket();
    private InputStream in = InputStream.nullInputStream();
    private boolean open;
    private int port;

    static final class Answer {
        final int status;
        final byte[] body;

        private Answer(int status, byte[] body) {
            this.status = status;
            this.body = body;
        }
    }

    /** @param ports of the replicas on this machine, as a name service tells them now; one is taken at random */
    HttpConnection(Supplier<int[]> ports) {
        this.ports = ports;
    }

    Answer send(byte[] request) throws IOException {
        try {
            return sendOnce(request);
        } catch (IOException first) {
            close();
            try {
                return sendOnce(request);
            } catch (IOException second) {
                close();
                second.addSuppressed(first);
                throw new IOException("port " + port + ", twice: " + second, second);
            }
        }
    }

    private Answer sendOnce(byte[] request) throws IOException {
        if (!open) {
            connect();
        }
        socket.getOutputStream().write(request);
        String head = head();
        int length = Integer.parseInt(field(head, "content-length: ", "0"));
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("the connection ended after " + body.length + " of " + length + " bytes");
        }
        if (field(head, "connection: ", "").equals("close")) {
            close();
        }
        return new Answer(Integer.parseInt(head.substring(9, 12)), body);
    }

    private void connect() throws IOException {
        int[] known = ports.get();
        if (known.length == 0) {
            throw new IOException("the name service knows of no replica");
        }
        port = known[ThreadLocalRandom.current().nextInt(known.length)];
        socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) LIMIT.toMillis());
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2000);
        in = new BufferedInputStream(socket.getInputStream(), 1 << 14);
        open = true;
    }

    /** In lower case. */
    private String head() throws IOException {
        StringBuilder head = new StringBuilder(256);
        while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the connection ended " + (head.isEmpty() ? "without an answer" : "in a head"));
            }
            head.append((char) next);
        }
        return head.toString().toLowerCase(Locale.ROOT);
    }

    private static String field(String head, String name, String otherwise) {
        int begin = head.indexOf("\r\n" + name);
        return begin < 0
                ? otherwise
                : head.substring(begin + 2 + name.length(), head.indexOf("\r\n", begin + 2))
                        .trim();
    }

    @Override
    public void close() throws IOException {
        open = false;
        socket.close();
    }

    /** A request with a JSON body, as bytes. */
    public static byte[] post(String path, String json) {
        byte[] body = json.getBytes(UTF_8);
        byte[] head = ("POST " + path + " HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length + "\r\n\r\n")
                .getBytes(ISO_8859_1);
        byte[] request = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        return request;
    }
}
