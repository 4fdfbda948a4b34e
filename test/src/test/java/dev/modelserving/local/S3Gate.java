package dev.modelserving.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The way to S3 as a port of its own, which can be shut: then every connection ends at once. */
final class S3Gate implements AutoCloseable {
    private final URI s3;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile boolean shut;

    private S3Gate(URI s3, ServerSocket listener) {
        this.s3 = s3;
        this.listener = listener;
    }

    static S3Gate before(URI s3) throws IOException {
        S3Gate gate = new S3Gate(s3, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        gate.threads.execute(gate::accept);
        return gate;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    void shut() {
        shut = true;
        open.forEach(S3Gate::end);
    }

    void open() {
        shut = false;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (shut) {
                    end(client);
                } else {
                    connect(client, new Socket(s3.getHost(), s3.getPort()));
                }
            } catch (IOException e) {
                // closed, or S3 is not there: the client sees it too
            }
        }
    }

    private void connect(Socket client, Socket server) {
        open.add(client);
        open.add(server);
        threads.execute(() -> copy(client, server));
        threads.execute(() -> copy(server, client));
    }

    private void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // one of the two has ended
        } finally {
            end(from);
            end(to);
            open.remove(from);
            open.remove(to);
        }
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it has ended, which is what was wanted
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        shut();
        threads.shutdownNow();
    }
}
