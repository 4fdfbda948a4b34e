package dev.modelserving.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** Requests that no HTTP client would send, byte by byte. */
final class RawHttp {
    private static final Duration SHORT = Duration.ofSeconds(1);

    private RawHttp() {}

    record Answer(int status, JsonNode body) {
        String detail() {
            return body.at("/details/0").toString();
        }
    }

    /** A client that sends all it has before it listens, as most do, and does not care that nobody reads it. */
    static Answer exchange(ServiceProcess service, String head, byte[] body) throws Exception {
        long begin = System.nanoTime();
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), service.url("").getPort())) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(ISO_8859_1));
            out.write(body);
            out.flush();
            String answer = new String(readAll(socket.getInputStream()), UTF_8);
            assertThat(answer).startsWith("HTTP/1.");
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SHORT);
            int status = Integer.parseInt(answer.substring(9, 12));
            return new Answer(status, JsonClient.JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4)));
        }
    }

    /** To the end of the connection, or to the end of the answer where the server leaves it open. */
    private static byte[] readAll(InputStream in) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] part = new byte[8192];
        int length = in.read(part);
        while (length >= 0) {
            answer.write(part, 0, length);
            String text = answer.toString(UTF_8);
            int end = text.indexOf("\r\n\r\n");
            if (end >= 0 && text.substring(end).endsWith("}")) {
                return answer.toByteArray();
            }
            length = in.read(part);
        }
        return answer.toByteArray();
    }

    static byte[] gzipped(byte[] bytes) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        }
        return compressed.toByteArray();
    }

    static byte[] deflated(byte[] bytes) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflate = new DeflaterOutputStream(compressed)) {
            deflate.write(bytes);
        }
        return compressed.toByteArray();
    }
}
