package dev.modelserving.verification;

import dev.modelserving.batching.BatchQueue;
import dev.modelserving.batching.BatchRun;
import dev.modelserving.batching.Runners;
import dev.modelserving.codec.Example;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;

/**
 * Many threads that ask models at random: some by the same runners, some each in its own turns, as event loops do. Goes on
 * until enough answers came of joined requests.
 */
final class MixedLoad {
    private static final int RUNNERS = 2;
    private static final int CLIENTS = 3;
    private static final int LOOPS = 1;
    private static final int WAITING = 64;
    private static final int CALLS_IN_A_TURN = 24;
    private static final int CALLS_IN_A_BURST = 8;

    /** A model that takes longer is asked as much more seldom, up to a point. */
    private static final double QUICK_NANOS = 100_000;

    private static final double SELDOM = 0.05;

    private final List<LoadedSubject> subjects;
    private final long wanted;
    private final long end;

    /** @param wanted how many answers to joined requests there should be, unless {@code limit} comes first */
    MixedLoad(List<LoadedSubject> subjects, long wanted, Duration limit) {
        this.subjects = subjects;
        this.wanted = wanted;
        this.end = System.nanoTime() + limit.toNanos();
    }

    /** Waits until everything is answered. */
    void run() throws InterruptedException {
        try (Runners runners =
                Runners.start(RUNNERS, 2 * CLIENTS * WAITING, MixedLoad::thread, OverwrittenMemory::new)) {
            Map<LoadedSubject, BatchQueue> shared = queues();
            List<Thread> threads = new ArrayList<>();
            for (int number = 0; number < CLIENTS + LOOPS; number++) {
                Random random = new Random(100 + number);
                threads.add(thread(number < CLIENTS ? () -> ask(runners, shared, random) : () -> askInTurns(random)));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            runners.drain(Duration.ofSeconds(60));
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "mixed-load");
        thread.setDaemon(true);
        return thread;
    }

    private Map<LoadedSubject, BatchQueue> queues() {
        Map<LoadedSubject, BatchQueue> queues = new HashMap<>();
        subjects.forEach(subject -> queues.put(subject, new BatchQueue(subject.costs, subject)));
        return queues;
    }

    private boolean goesOn() {
        return System.nanoTime() < end && joined() < wanted;
    }

    long joined() {
        return subjects.stream().mapToLong(subject -> subject.joined.get()).sum();
    }

    private void ask(Runners runners, Map<LoadedSubject, BatchQueue> queues, Random random) {
        List<RandomProbes> all = probes(random);
        Semaphore room = new Semaphore(WAITING);
        while (goesOn()) {
            RandomProbes probes = any(all, random);
            for (int burst = random.nextInt(CALLS_IN_A_BURST); burst >= 0; burst--) {
                Probe probe = probes.next();
                room.acquireUninterruptibly();
                ComparedCall call = new ComparedCall(probes.subject, probe, room::release);
                if (!runners.submit(queueOf(probes, queues), call)) {
                    call.fail(new IllegalStateException("the runners took no more"));
                }
            }
        }
        room.acquireUninterruptibly(WAITING);
    }

    private void askInTurns(Random random) {
        List<RandomProbes> all = probes(random);
        Map<LoadedSubject, BatchQueue> own = queues();
        BatchRun run = new BatchRun(OverwrittenMemory::new, System::nanoTime);
        while (goesOn()) {
            for (int call = random.nextInt(CALLS_IN_A_TURN); call >= 0; call--) {
                RandomProbes probes = any(all, random);
                queueOf(probes, own).add(new ComparedCall(probes.subject, probes.next(), () -> {}));
            }
            own.values().forEach(run::runAll);
        }
    }

    private static BatchQueue queueOf(RandomProbes probes, Map<LoadedSubject, BatchQueue> queues) {
        BatchQueue queue = queues.get(probes.subject);
        if (queue == null) {
            throw new IllegalStateException("no queue for " + probes.subject.name);
        }
        return queue;
    }

    private List<RandomProbes> probes(Random random) {
        List<RandomProbes> probes = new ArrayList<>();
        for (LoadedSubject subject : subjects) {
            for (List<Example> shape : subject.shapes()) {
                RandomProbes ofShape = new RandomProbes(subject, shape, random);
                if (ofShape.hasAny()) {
                    probes.add(ofShape);
                }
            }
        }
        return probes;
    }

    private static RandomProbes any(List<RandomProbes> all, Random random) {
        RandomProbes chosen = all.get(random.nextInt(all.size()));
        while (random.nextDouble() > Math.max(SELDOM, QUICK_NANOS / chosen.nanosAlone())) {
            chosen = all.get(random.nextInt(all.size()));
        }
        return chosen;
    }
}
