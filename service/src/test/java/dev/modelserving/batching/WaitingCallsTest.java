package dev.modelserving.batching;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WaitingCallsTest {
    @Test
    void areWhatAnyQueueWouldBe() {
        WaitingCalls calls = new WaitingCalls();
        ArrayDeque<TestCall> expected = new ArrayDeque<>();
        Random random = new Random(5);
        for (int step = 0; step < 20_000; step++) {
            if (expected.isEmpty() || random.nextInt(100) < 51) {
                TestCall call = TestCall.rows(1 + random.nextInt(3));
                calls.add(call, Batch.rows(call.request()), step);
                expected.add(call);
            } else {
                assertThat(calls.first()).isSameAs(expected.poll());
                calls.removeFirst();
            }
            assertThat(calls.size()).isEqualTo(expected.size());
        }
        assertThat(calls.rows())
                .isEqualTo(expected.stream()
                        .mapToInt(call -> Batch.rows(call.request()))
                        .sum());
    }

    @Test
    void keepTheirOrderWhenSomeLeave() {
        WaitingCalls calls = new WaitingCalls();
        List<TestCall> all = new ArrayList<>();
        for (int index = 0; index < 40; index++) {
            all.add(TestCall.rows(1));
            calls.add(all.get(index), 1, index);
        }
        List<Call> removed = new ArrayList<>();
        calls.removeIf(call -> all.indexOf(call) % 3 == 0, removed::add);
        assertThat(removed).hasSize(14);
        assertThat(calls.rows()).isEqualTo(26);
        for (int index = 0; index < 40; index++) {
            if (index % 3 != 0) {
                assertThat(calls.first()).isSameAs(all.get(index));
                assertThat(calls.placeOfFirst()).isEqualTo(index);
                calls.removeFirst();
            }
        }
    }
}
