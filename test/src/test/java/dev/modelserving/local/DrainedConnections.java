package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A service that is told to end while many connections send to the model iris without pause. */
final class DrainedConnections {
    private static final int CONNECTIONS = 16;
    private static final String BODY = Flowers.ONE;

    private DrainedConnections() {}

    /** Every request that was sent has its right answer, and the service ends with 0. */
    static void assertNothingIsLost(ServiceProcess service, Duration limit) throws Exception {
        ExecutorService senders = Executors.newFixedThreadPool(CONNECTIONS);
        try {
            CountDownLatch sending = new CountDownLatch(CONNECTIONS * 20);
            List<Future<Integer>> connections = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                connections.add(senders.submit(() -> sendUntilToldToStop(service.url("/predict/iris"), sending)));
            }
            sending.await();
            service.terminate();
            for (Future<Integer> connection : connections) {
                assertThat(connection.get()).isPositive();
            }
            assertThat(service.awaitExit(limit)).isZero();
        } finally {
            senders.shutdownNow();
        }
    }

    /** One connection that sends without pause until an answer says that it is the last; counts the answers. */
    private static int sendUntilToldToStop(URI url, CountDownLatch sending) throws IOException {
        byte[] request = ("POST " + url.getPath() + " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + BODY.length() + "\r\n\r\n" + BODY)
                .getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), url.getPort())) {
            socket.setSoTimeout(30_000);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int answers = 1; ; answers++) {
                socket.getOutputStream().write(request);
                String head = readHead(in);
                String body = readBody(in, head);
                assertThat(head).startsWith("http/1.1 200");
                assertThat(body).contains("\"name\":\"label\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[1]");
                sending.countDown();
                if (head.contains("connection: close")) {
                    assertThat(in.read()).isEqualTo(-1);
                    return answers;
                }
            }
        }
    }

    private static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection was closed on a request that was sent: " + head);
            }
            head.append((char) next);
        }
        return head.toString().toLowerCase(Locale.ROOT);
    }

    private static String readBody(InputStream in, String head) throws IOException {
        int length = Integer.parseInt(head.replaceFirst("(?s).*content-length: (\\d+).*", "$1"));
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
