package dev.modelserving.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelserving.batching.Batch;
import dev.modelserving.codec.Example;
import dev.modelserving.codec.Tolerance;
import dev.modelserving.model.BatchingVerdict;
import dev.modelserving.model.InferenceException;
import dev.modelserving.model.InferenceException.Kind;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What a proof takes and what it makes of failures, with a model of ours that doubles its input, and a clock of ours. */
class BatchingProofLimitsTest {
    private static final Duration TIME = Duration.ofSeconds(3);

    private long nanos;
    private long memoryInUse = 1 << 30;
    private int width = 2;

    @Test
    void joinsAsManyRowsAsThereWasTimeToTry() {
        BatchingVerdict verdict = verdict(request -> doubled(request, Duration.ofMillis(8)));
        assertThat(verdict.allowed()).as(verdict.reason()).isTrue();
        assertThat(verdict.maxRows()).isBetween(8, 48);
        assertThat(verdict.reason()).endsWith("; more would exceed the 3000 ms that are given to it");
        assertThat(nanos).isLessThan(TIME.toNanos());
    }

    @Test
    void doesNotAllowWhatItHadNoTimeToTry() {
        BatchingVerdict verdict = verdict(request -> doubled(request, Duration.ofSeconds(1)));
        assertThat(verdict.allowed()).isFalse();
        assertThat(verdict.reason())
                .startsWith("it was not shown that joined requests keep their answers: that would exceed the 3000 ms")
                .endsWith("\"batching\": \"on\" in the manifest allows it unseen");
        assertThat(nanos).isLessThan(4 * TIME.toNanos());
    }

    @Test
    void joinsAsManyRowsAsThereIsMemoryFor() {
        long before = memoryInUse;
        BatchingVerdict verdict = verdict(request -> {
            memoryInUse = Math.max(memoryInUse, before + Batch.rows(request) * (20L << 20));
            return doubled(request, Duration.ofMillis(1));
        });
        assertThat(verdict.allowed()).as(verdict.reason()).isTrue();
        assertThat(verdict.maxRows()).isEqualTo(12);
        assertThat(verdict.reason()).endsWith("; more would exceed the 256 MiB of memory that are given to it");
    }

    @Test
    void joinsAsManyWideRowsAsFit() {
        width = 1 << 18;
        BatchingVerdict verdict = verdict(request -> doubled(request, Duration.ofMillis(1)));
        assertThat(verdict.allowed()).as(verdict.reason()).isTrue();
        assertThat(verdict.maxRows()).isEqualTo(8);
        assertThat(verdict.reason())
                .endsWith("; more would exceed the 16 MiB that are given to its requests and answers");
    }

    @Test
    void endsWhenItIsInterrupted() {
        assertThatThrownBy(() -> verdict(request -> {
                    if (Batch.rows(request) > 20) {
                        throw new InferenceException(Kind.DEADLINE_EXCEEDED, "interrupted");
                    }
                    return doubled(request, Duration.ZERO);
                }))
                .isInstanceOf(InferenceException.class)
                .hasMessage("interrupted");
    }

    @Test
    void doesNotAllowAModelThatFailsOnJoinedRequests() {
        BatchingVerdict verdict = verdict(request -> {
            if (Batch.rows(request) > 8) {
                throw new InferenceException(Kind.MODEL_FAILED, "no room");
            }
            return doubled(request, Duration.ZERO);
        });
        assertThat(verdict.allowed()).isFalse();
        assertThat(verdict.reason())
                .isEqualTo("it fails on 9 rows of joined requests, each of which it answers alone: no room");
    }

    @Test
    void takesNoOffenceAtAModelThatRefusesStrangeNumbers() {
        BatchingVerdict verdict = verdict(request -> {
            float first = numbers(request).getFloat(0);
            if (!Float.isFinite(first) || Math.abs(first) > 100) {
                throw new InferenceException(Kind.INVALID_INPUT, "out of range");
            }
            return doubled(request, Duration.ZERO);
        });
        assertThat(verdict.allowed()).as(verdict.reason()).isTrue();
    }

    @Test
    void doesNotAllowAModelThatTakesNoSingleRows() {
        BatchingVerdict verdict = verdict(request -> {
            if (Batch.rows(request) == 1) {
                throw new InferenceException(Kind.INVALID_INPUT, "too short");
            }
            return doubled(request, Duration.ZERO);
        });
        assertThat(verdict.allowed()).isFalse();
        assertThat(verdict.reason()).isEqualTo("it does not answer single rows of its examples");
    }

    @Test
    void seesEveryRowInAnotherOnesPlace() {
        for (int wrong = 0; wrong < 4; wrong++) {
            int place = wrong;
            BatchingVerdict verdict = verdict(request -> {
                InferenceResponse response = doubled(request, Duration.ZERO);
                int rows = Batch.rows(request);
                if (rows > 4) {
                    ByteBuffer data = ((Tensor.Numbers)
                                    Objects.requireNonNull(response.outputs().get("y")))
                            .data();
                    int row = (rows - 1) * place / 3;
                    data.putFloat(row * width * Float.BYTES, data.getFloat(row * width * Float.BYTES) + 1);
                }
                return response;
            });
            assertThat(verdict.allowed()).isFalse();
            assertThat(verdict.reason()).startsWith("rows of 'y' moved by 1.0 when joined with others in 5 rows");
        }
    }

    private BatchingVerdict verdict(BatchingProof.Runs runs) {
        nanos = 0;
        ModelSignature signature = new ModelSignature(
                List.of(new TensorSpec("x", TensorType.FP32, Shape.of(-1, width))),
                List.of(new TensorSpec("y", TensorType.FP32, Shape.of(-1, width))));
        return new BatchingProof(TIME, () -> nanos, () -> OptionalLong.of(memoryInUse))
                .verdict(signature, List.of(example(1), example(2), example(3)), 64, runs);
    }

    private Example example(int rows) {
        ByteBuffer data = ByteBuffer.allocateDirect(rows * width * Float.BYTES).order(ByteOrder.nativeOrder());
        for (int index = 0; index < rows * width; index++) {
            data.putFloat(index * Float.BYTES, index + rows);
        }
        InferenceRequest request = new InferenceRequest(
                Map.of("x", new Tensor.Numbers(TensorType.FP32, Shape.of(rows, width), data)), List.of());
        return new Example(
                "of " + rows, request, doubled(request, Duration.ZERO).outputs(), new Tolerance(0, 1e-6));
    }

    private InferenceResponse doubled(InferenceRequest request, Duration costOfARow) {
        ByteBuffer x = numbers(request);
        nanos += costOfARow.toNanos() * Batch.rows(request);
        ByteBuffer y = ByteBuffer.allocateDirect(x.remaining()).order(ByteOrder.nativeOrder());
        for (int at = 0; at < x.remaining(); at += Float.BYTES) {
            y.putFloat(at, 2 * x.getFloat(at));
        }
        Shape shape = Shape.of(Batch.rows(request), width);
        return new InferenceResponse(Map.of("y", new Tensor.Numbers(TensorType.FP32, shape, y)));
    }

    private static ByteBuffer numbers(InferenceRequest request) {
        return ((Tensor.Numbers) Objects.requireNonNull(request.inputs().get("x")))
                .data()
                .slice()
                .order(ByteOrder.nativeOrder());
    }
}
