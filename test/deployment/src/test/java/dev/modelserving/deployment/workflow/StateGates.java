package dev.modelserving.deployment.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Holds executions at the doors of states, so that tests can have things happen in between. */
final class StateGates {
    private static final long LIMIT_SECONDS = 60;

    private final Map<String, Gate> held = new ConcurrentHashMap<>();

    /** The door of one state to the first execution that comes to it. */
    static final class Gate {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);

        /** Waits until an execution stands before it. */
        void awaitArrival() throws InterruptedException {
            if (!arrived.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("no execution came to the state");
            }
        }

        /** Lets it in. */
        void open() {
            opened.countDown();
        }
    }

    /** Holds the next execution that comes to this task state. */
    Gate hold(String state) {
        Gate gate = new Gate();
        held.put(state, gate);
        return gate;
    }

    /** Blocks while the state is held. */
    void pass(JsonNode where) throws InterruptedException {
        Gate gate = held.remove(where.path("State").asText());
        if (gate != null) {
            gate.arrived.countDown();
            if (!gate.opened.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody opened the gate");
            }
        }
    }
}
