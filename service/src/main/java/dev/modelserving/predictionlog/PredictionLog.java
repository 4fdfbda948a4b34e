package dev.modelserving.predictionlog;

import dev.modelserving.artifact.ResultStore;
import dev.modelserving.codec.RequestBody;
import dev.modelserving.codec.ResponseBody;
import dev.modelserving.model.ModelId;
import dev.modelserving.model.ModelRef;
import dev.modelserving.settings.Settings.PredictionLogging;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs predictions to files in the bucket for results. {@link #record} hands over to one thread, which writes lines and
 * compresses them; others write the files to the store. What is on its way takes a bounded amount of memory; beyond it
 * predictions are not logged, and counted.
 *
 * <p>Safe for use by several threads.
 */
public final class PredictionLog {
    private static final Logger LOG = LoggerFactory.getLogger(PredictionLog.class);
    private static final Pattern REPLICA = Pattern.compile("[A-Za-z0-9._-]{1,200}");

    /** How long predictions lie until the thread looks at them; waking it for each would cost more than writing it. */
    private static final Duration MOST_PAUSE = Duration.ofMillis(100);

    /** As much wakes it earlier. */
    private static final long MOST_QUEUED_BYTES = 1 << 20;

    /** Between two looks at the clock. */
    private static final int PREDICTIONS_AT_ONCE = 1000;

    private final String replica;
    private final PredictionLogging settings;
    private final Clock clock;
    private final DoubleSupplier random;
    private final ByteBudget budget;
    private final LogFiles files;
    private final Uploads uploads;
    private final Thread thread;
    private final long pauseNanos;
    private final long wakeBytes;

    private final Map<ModelId, LoggedModel> models = new ConcurrentHashMap<>();
    private final Queue<LoggedPrediction> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong queuedBytes = new AtomicLong();
    private volatile boolean closing;

    /**
     * @param replica names this process and no other: letters, digits, '.', '_' and '-'
     */
    public PredictionLog(PredictionLogging settings, ResultStore store, String replica, Clock clock) {
        this(settings, store, replica, clock, () -> ThreadLocalRandom.current().nextDouble());
    }

    PredictionLog(PredictionLogging settings, ResultStore store, String replica, Clock clock, DoubleSupplier random) {
        if (!REPLICA.matcher(replica).matches()) {
            throw new IllegalArgumentException("replica '" + replica + "' (expected: " + REPLICA + ")");
        }
        this.replica = replica;
        this.settings = settings;
        this.clock = clock;
        this.random = random;
        budget = new ByteBudget(settings.bufferMaxBytes());
        uploads = new Uploads(store, clock, budget);
        files = new LogFiles(
                replica, LogFiles.Limits.of(settings.bufferMaxBytes(), settings.flushInterval()), budget, uploads::add);
        pauseNanos = Math.min(MOST_PAUSE.toNanos(), settings.flushInterval().toNanos() / 4);
        wakeBytes = Math.min(MOST_QUEUED_BYTES, settings.bufferMaxBytes() / 4);
        thread = new Thread(this::work, "prediction-log");
        thread.setDaemon(true);
    }

    /** Begins to write, if there is anything to. */
    public void start() {
        if (settings.share() > 0 || settings.shareOf().values().stream().anyMatch(share -> share > 0)) {
            thread.start();
        }
    }

    /**
     * Logs a prediction, if it is selected. Never blocks, and never fails: what goes wrong is counted.
     *
     * @param requestId letters, digits, '.', '_', ':' and '-'
     * @param duration from the arrival of the request to its answer
     * @param asked valid JSON
     * @param answered valid JSON on one line
     */
    public void record(
            ModelRef ref,
            String requestId,
            Duration duration,
            Supplier<RequestBody> asked,
            Supplier<ResponseBody> answered) {
        LoggedModel model = model(ref.id());
        if (!model.selects(random)) {
            return;
        }
        long sequence = model.nextSequence();
        if (closing) {
            model.drop(1, DropReason.CLOSED);
            return;
        }
        long taken = 0;
        try {
            RequestBody request = asked.get();
            ResponseBody response = answered.get();
            long bytes = LoggedPrediction.sizeBytes(request.length(), response.length());
            if (!budget.tryTake(bytes)) {
                model.drop(1, DropReason.BUFFER_FULL);
                return;
            }
            taken = bytes;
            enqueue(new LoggedPrediction(
                    model,
                    ref.version(),
                    sequence,
                    clock.instant(),
                    requestId,
                    duration,
                    copy(request),
                    response.toArray()));
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            budget.giveBack(taken);
            model.drop(1, DropReason.FAILED);
        }
    }

    private LoggedModel model(ModelId id) {
        @Nullable LoggedModel known = models.get(id);
        return known != null ? known : models.computeIfAbsent(id, this::first);
    }

    private LoggedModel first(ModelId id) {
        return new LoggedModel(id, settings.shareOf().getOrDefault(id, settings.share()));
    }

    private static byte[] copy(RequestBody request) throws IOException {
        byte[] copy = new byte[request.length()];
        try (InputStream bytes = request.open(0)) {
            if (bytes.readNBytes(copy, 0, copy.length) < copy.length) {
                throw new IOException("the request ends too early");
            }
        }
        return copy;
    }

    private void enqueue(LoggedPrediction prediction) {
        queue.add(prediction);
        long bytes = prediction.sizeBytes();
        long queued = queuedBytes.addAndGet(bytes);
        if (queued >= wakeBytes && queued - bytes < wakeBytes) {
            LockSupport.unpark(thread);
        }
    }

    private void work() {
        while (!closing) {
            LockSupport.parkNanos(this, pauseNanos);
            while (takeQueued() && !closing) {
                files.finishOld(System.nanoTime());
            }
            files.finishOld(System.nanoTime());
        }
        while (takeQueued()) {
            // to the end
        }
        files.finishAll();
        files.close();
    }

    /** Says whether there may be more. */
    private boolean takeQueued() {
        long now = System.nanoTime();
        for (int taken = 0; taken < PREDICTIONS_AT_ONCE; taken++) {
            LoggedPrediction prediction = queue.poll();
            if (prediction == null) {
                return false;
            }
            queuedBytes.addAndGet(-prediction.sizeBytes());
            files.add(prediction, now);
        }
        return true;
    }

    /**
     * Writes what is there, within {@code limit}; what comes from now on is dropped. Blocks.
     *
     * @return how many predictions are lost
     */
    public long close(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        closing = true;
        LockSupport.unpark(thread);
        thread.join(Math.max(1, limit.toMillis()));
        uploads.close(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        long lost = health().pendingLines();
        if (lost > 0) {
            LOG.warn("{} predictions of the log are lost: they could not be written in time", lost);
        }
        return lost;
    }

    public PredictionLogHealth health() {
        return PredictionLogHealth.of(replica, uploads.state(), uploads.written(), budget.held(), models.values());
    }
}
