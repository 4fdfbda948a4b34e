package dev.modelserving.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;

/**
 * Sends one prediction over and over on several connections, on each the next when the last is answered. The bytes are
 * made once and hardly looked at, so that the machine is left to the service. Request ids are numbers from 0 on.
 */
final class ClosedLoop {
    private static final int ID_DIGITS = 12;
    private static final String OK = "HTTP/1.1 200 ";
    private static final String LENGTH = "content-length: ";

    private final URI url;
    private final String head;
    private final String body;

    ClosedLoop(URI url, String body) {
        this.url = url;
        this.body = body;
        this.head = "POST " + url.getPath() + " HTTP/1.1\r\nHost: " + url.getAuthority()
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\nX-Request-Id: ";
    }

    /** The request id of the number. */
    static String id(long number) {
        return ("0".repeat(ID_DIGITS) + number).substring(Long.toString(number).length());
    }

    /**
     * Sends as long as {@code more} says so of the next number; blocks until all are answered.
     *
     * @return how many were answered
     * @throws IOException when an answer is not 200
     */
    long send(int connections, LongPredicate more) throws IOException, InterruptedException {
        AtomicLong numbers = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        try {
            List<Future<Long>> sent = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                sent.add(threads.submit(() -> sendOnOne(numbers, more)));
            }
            long answered = 0;
            for (Future<Long> one : sent) {
                answered += one.get();
            }
            return answered;
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private long sendOnOne(AtomicLong numbers, LongPredicate more) throws IOException {
        byte[] request = (head + id(0) + "\r\n\r\n" + body).getBytes(ISO_8859_1);
        byte[] answer = new byte[64 << 10];
        long answered = 0;
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            for (long number = numbers.getAndIncrement(); more.test(number); number = numbers.getAndIncrement()) {
                System.arraycopy(id(number).getBytes(ISO_8859_1), 0, request, head.length(), ID_DIGITS);
                out.write(request);
                readAnswer(in, answer);
                answered++;
            }
        }
        return answered;
    }

    private static void readAnswer(InputStream in, byte[] buffer) throws IOException {
        int filled = 0;
        int wanted = Integer.MAX_VALUE;
        while (filled < wanted) {
            int count = in.read(buffer, filled, buffer.length - filled);
            if (count < 0) {
                throw new EOFException("the connection was closed in the middle of an answer");
            }
            filled += count;
            if (wanted == Integer.MAX_VALUE) {
                String text = new String(buffer, 0, filled, ISO_8859_1);
                int end = text.indexOf("\r\n\r\n");
                if (end >= 0) {
                    if (!text.startsWith(OK)) {
                        throw new IOException(text);
                    }
                    int length = text.indexOf(LENGTH) + LENGTH.length();
                    wanted = end + 4 + Integer.parseInt(text.substring(length, text.indexOf('\r', length)));
                }
            }
        }
    }
}
