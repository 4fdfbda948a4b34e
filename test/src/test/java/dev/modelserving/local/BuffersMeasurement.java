package dev.modelserving.local;

import dev.modelserving.emulators.FreePort;
import dev.modelserving.emulators.LocalAws;
import dev.modelserving.model.ModelRef;
import dev.modelserving.registration.ModelRegistration;
import dev.modelserving.registry.AliasRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether native memory stays as it is under requests of random sizes, of which some are wrong and some are cut off: compared
 * after a fifth of them and after all. The heap is touched whole at the start, so what resident memory grows by is native.
 * See {@code test/measure/buffers.sh}.
 */
final class BuffersMeasurement {
    private static final PrintStream TERMINAL = System.out;
    private static final int BEYOND = 3;
    private static final double MOST_GROWTH = 0.05;
    private static final int CONNECTIONS = 8;
    private static final int DIFFERENT = 2000;
    private static final int SMALL_ROWS = 300;
    private static final int MOST_ROWS = 20_000;
    private static final String NUMBER = "-1.2345678";

    /** Where the JVM counts what Netty takes, beside little else. */
    private static final Pattern BUFFERS = Pattern.compile("Other \\(reserved=\\d+KB, committed=(\\d+)KB\\)");

    /** Of each model, how many numbers a row has. */
    private static final Map<String, Integer> WIDTHS = Map.of("iris", 4, "diabetes", 10);

    private BuffersMeasurement() {}

    /** What resident memory is, and what of it the buffers are, in bytes. */
    private record Memory(long resident, long buffers) {
        static Memory of(ServiceProcess service) throws IOException, InterruptedException {
            return new Memory(residentBytes(service), bufferBytes(service));
        }

        boolean exceeds(Memory earlier) {
            return growth(earlier.resident, resident) > MOST_GROWTH || growth(earlier.buffers, buffers) > MOST_GROWTH;
        }

        private static double growth(long before, long after) {
            return (after - before) / (double) before;
        }

        String told(Memory earlier) {
            return String.format(
                    Locale.ROOT,
                    "%.1f MB resident (%+.1f %%), of which %.1f MB buffers (%+.1f %%)",
                    resident / 1e6,
                    growth(earlier.resident, resident) * 100,
                    buffers / 1e6,
                    growth(earlier.buffers, buffers) * 100);
        }
    }

    private static final class Request {
        private final byte[] bytes;

        /** Whether its sender leaves before its end. */
        private final boolean cutOff;

        Request(byte[] bytes, boolean cutOff) {
            this.bytes = bytes;
            this.cutOff = cutOff;
        }
    }

    /** A folder to work in, and how many requests. Exit code 3: beyond the limit. */
    public static void main(String[] args) throws Exception {
        Path work = Path.of(args[0]);
        long requests = Long.parseLong(args[1]);
        List<Request> different = requests(new Random(7));
        try (LocalAws aws = LocalAws.start(work.resolve("aws"))) {
            ModelRegistration registration = SampleModels.registration(aws);
            for (String model : WIDTHS.keySet()) {
                ModelRef ref = ModelRef.of(model, model.equals("iris") ? 2 : 1);
                registration.register(ref, SampleModels.folder(ref), "");
                registration.point(AliasRecord.CHAMPION, ref, "measure");
            }
            Map<String, String> environment = aws.environment();
            environment.put("MODEL_CACHE_DIR", work.resolve("cache").toString());
            environment.put(
                    "JAVA_TOOL_OPTIONS", "-Xms256m -Xmx256m -XX:+AlwaysPreTouch -XX:NativeMemoryTracking=summary");
            Path log = work.resolve("service.log");
            try (ServiceProcess service =
                    ServiceProcess.start(environment, FreePort.find(), ProcessBuilder.Redirect.to(log.toFile()))) {
                if (!service.awaitReady(Duration.ofMinutes(2))) {
                    throw new IllegalStateException("the service is not ready");
                }
                System.exit(measure(service, different, requests) ? 0 : BEYOND);
            }
        }
    }

    private static boolean measure(ServiceProcess service, List<Request> different, long requests) throws Exception {
        long settled = requests / 5;
        send(service, different, settled);
        Memory before = Memory.of(service);
        TERMINAL.printf(Locale.ROOT, "after %,d requests: %s%n", settled, before.told(before));
        Memory after = before;
        for (int part = 2; part <= 5; part++) {
            send(service, different, settled);
            after = Memory.of(service);
            TERMINAL.printf(Locale.ROOT, "after %,d requests: %s%n", part * settled, after.told(before));
        }
        TERMINAL.printf(Locale.ROOT, "limit: %+.0f %% after %,d requests%n", MOST_GROWTH * 100, 5 * settled);
        return !after.exceeds(before);
    }

    /** Blocks until all are answered. */
    private static void send(ServiceProcess service, List<Request> different, long count) throws Exception {
        AtomicLong left = new AtomicLong(count);
        ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
        try {
            List<Future<?>> clients = new ArrayList<>();
            for (int client = 0; client < CONNECTIONS; client++) {
                Random random = new Random(client);
                clients.add(threads.submit(() -> {
                    sendOnOne(service, different, left, random);
                    return null;
                }));
            }
            for (Future<?> client : clients) {
                client.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void sendOnOne(ServiceProcess service, List<Request> different, AtomicLong left, Random random)
            throws IOException {
        int port = service.url("").getPort();
        try (HttpConnection connection = new HttpConnection(() -> new int[] {port})) {
            while (left.getAndDecrement() > 0) {
                Request request = different.get(random.nextInt(different.size()));
                if (request.cutOff) {
                    cutOff(port, request.bytes, random);
                } else {
                    connection.send(request.bytes);
                }
            }
        }
    }

    private static void cutOff(int port, byte[] bytes, Random random) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            if (random.nextBoolean()) {
                socket.setSoLinger(true, 0); // a reset, not an end
            }
            socket.getOutputStream().write(bytes, 0, 1 + random.nextInt(bytes.length - 1));
        }
    }

    /** Of a hundred: 95 right ones, four wrong ones, and one that is cut off; two of the hundred are large. */
    private static List<Request> requests(Random random) {
        List<Request> requests = new ArrayList<>();
        List<String> models = WIDTHS.keySet().stream().sorted().toList();
        for (int index = 0; index < DIFFERENT; index++) {
            String model = models.get(random.nextInt(models.size()));
            int rows = random.nextInt(100) < 2
                    ? logUniform(random, SMALL_ROWS, MOST_ROWS)
                    : logUniform(random, 1, SMALL_ROWS);
            String body = body(rows, WIDTHS.get(model));
            int kind = random.nextInt(100);
            requests.add(new Request(
                    HttpConnection.post(
                            "/predict/" + (kind == 0 ? "nobody" : model), kind < 4 ? wrong(body, kind) : body),
                    kind == 4));
        }
        return requests;
    }

    private static int logUniform(Random random, int least, int most) {
        return (int) (least * Math.pow(most / (double) least, random.nextDouble()));
    }

    private static String body(int rows, int width) {
        String row = "[" + (NUMBER + ",").repeat(width - 1) + NUMBER + "]";
        return "{\"instances\":[" + (row + ",").repeat(rows - 1) + row + "]}";
    }

    /** Another model, the wrong shape, a string at the end, half a document. */
    private static String wrong(String body, int kind) {
        return switch (kind) {
            case 1 -> body.replace("[" + NUMBER, "[1," + NUMBER);
            case 2 -> body.substring(0, body.length() - 3) + "\"]]}";
            case 3 -> body.substring(0, body.length() / 2);
            default -> body;
        };
    }

    private static long residentBytes(ServiceProcess service) throws IOException {
        String status = Files.readString(Path.of("/proc", Long.toString(service.pid()), "status"));
        return kilobytes(Pattern.compile("VmRSS:\\s+(\\d+) kB"), status);
    }

    private static long bufferBytes(ServiceProcess service) throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(
                        jcmd.toString(), Long.toString(service.pid()), "VM.native_memory", "summary")
                .redirectErrorStream(true)
                .start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return kilobytes(BUFFERS, told);
    }

    private static long kilobytes(Pattern pattern, String text) throws IOException {
        Matcher number = pattern.matcher(text);
        if (!number.find()) {
            throw new IOException("not told: " + pattern + " in " + text);
        }
        return Long.parseLong(number.group(1)) * 1024;
    }
}
