package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The measuring of latencies, against a server that does as it is told. */
class OpenLoopTest {
    private static final byte[] REQUEST = HttpConnection.post("/", "{}");
    private static final Duration TIME = Duration.ofSeconds(2);
    private static final double MILLIS = 2000;

    /** A closed loop would see one slow answer for each connection here, and hundreds of fast ones. */
    @Test
    void countsFromWhenRequestsWereDue() throws IOException {
        AtomicLong stall = new AtomicLong(Duration.ofMillis(1200).toNanos());
        OpenLoop.Result result = sendTo(200, exchange -> {
            LockSupport.parkNanos(stall.getAndSet(0));
            answer(exchange, 200);
        });
        assertThat(result.millis(60)).isGreaterThan(300);
        assertThat(result.millis(99.9)).isBetween(1100.0, 3000.0);
        assertThat(result.failed()).isZero();
    }

    @Test
    void countsWhatIsNeverAnswered() throws IOException {
        OpenLoop.Result few = sendTo(20, exchange -> {});
        assertThat(few.requests()).isBetween(20L, 60L);
        assertThat(few.answered()).isZero();
        assertThat(few.follows()).isFalse();
        assertThat(few.millis(1)).isGreaterThan(MILLIS);
    }

    @Test
    void countsWhatNoConnectionWasFreeFor() throws IOException {
        OpenLoop.Result many = sendTo(200, exchange -> {});
        assertThat(many.requests()).isBetween(320L, 480L);
        assertThat(many.millis(1)).isGreaterThan(MILLIS);
    }

    @Test
    void sendsAtTheRateAndSeesFailures() throws IOException {
        OpenLoop.Result result = sendTo(200, exchange -> answer(exchange, 503));
        assertThat(result.requests()).isBetween(320L, 480L);
        assertThat(result.failed()).isEqualTo(result.requests());
    }

    /** One thread answers, one request after the other. */
    private static OpenLoop.Result sendTo(double perSecond, HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", handler);
        server.start();
        try {
            URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            return OpenLoop.send(url, REQUEST, perSecond, TIME);
        } finally {
            server.stop(0);
        }
    }

    private static void answer(HttpExchange exchange, int status) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(status, 2);
        exchange.getResponseBody().write(new byte[2]);
        exchange.close();
    }
}
