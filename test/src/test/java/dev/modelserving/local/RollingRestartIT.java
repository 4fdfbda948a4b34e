package dev.modelserving.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelserving.local.RunningPlatform.Platform;
import dev.modelserving.model.ModelRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Two replicas behind a name service, each restarted in turn. Clients ask the name service once a second, as its records'
 * time to live tells them to, and so go on to a replica that has left for up to a second.
 */
@ExtendWith(RunningPlatform.class)
class RollingRestartIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int CONNECTIONS = 16;
    private static final double PER_SECOND = 200;

    private static final ModelRef IRIS = ModelRef.of("iris", 2);

    /** Which replicas there are; clients are told what was true a second ago, the oldest that they may still believe. */
    private static final class NameService {
        private static final long TIME_TO_LIVE = Duration.ofSeconds(1).toNanos();

        private final NavigableMap<Long, int[]> history = new TreeMap<>();

        synchronized void register(ServiceProcess replica) {
            change(ports -> IntStream.concat(ports, IntStream.of(port(replica))));
        }

        synchronized void deregister(ServiceProcess replica) {
            change(ports -> ports.filter(port -> port != port(replica)));
        }

        private void change(UnaryOperator<IntStream> change) {
            int[] before = history.isEmpty() ? new int[0] : history.lastEntry().getValue();
            history.put(System.nanoTime(), change.apply(Arrays.stream(before)).toArray());
        }

        synchronized int[] resolve() {
            Map.Entry<Long, int[]> then = history.floorEntry(System.nanoTime() - TIME_TO_LIVE);
            return (then == null ? history.firstEntry() : then).getValue();
        }

        private static int port(ServiceProcess replica) {
            return replica.url("").getPort();
        }
    }

    @Test
    void losesNoRequest(Platform platform) throws Exception {
        NameService names = new NameService();
        List<ServiceProcess> replicas = new ArrayList<>();
        try {
            for (int i = 0; i < 2; i++) {
                replicas.add(join(platform, names));
            }
            Load.Call call = RightAnswers.learn(replicas.get(0), "iris", Map.of(2L, IRIS))
                    .call(2);
            Load.Plan plan =
                    new Load.Plan(names::resolve, List.of(call), CONNECTIONS, Duration.ofMinutes(5), Long.MAX_VALUE);
            try (Load load = Load.atRate(plan, PER_SECOND)) {
                for (int i = 0; i < 2; i++) {
                    ServiceProcess old = replicas.get(i);
                    replicas.add(join(platform, names));
                    names.deregister(old);
                    old.terminate();
                    assertThat(old.awaitExit(LONG)).isZero();
                }
                long sent = load.sent();
                Awaitility.await().until(() -> load.sent() > sent + PER_SECOND);
                Load.Result result = load.stop();
                assertThat(result.failures()).isEmpty();
                assertThat(result.failed()).isZero();
                assertThat(result.right()).isGreaterThan(sent);
            }
        } finally {
            replicas.forEach(ServiceProcess::close);
        }
    }

    /** A replica becomes known when it is ready. */
    private static ServiceProcess join(Platform platform, NameService names) throws Exception {
        ServiceProcess replica = platform.startService(Map.of("DRAIN_DELAY", "3s"));
        assertThat(replica.awaitReady(LONG)).isTrue();
        names.register(replica);
        return replica;
    }
}
