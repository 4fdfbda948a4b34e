package dev.modelserving.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.modelserving.model.ClassLabels;
import dev.modelserving.model.InferenceRequest;
import dev.modelserving.model.InferenceResponse;
import dev.modelserving.model.ModelRef;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What reading a body and writing an answer take of the heap, where they have many elements and where they have few. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final ModelSignature IMAGES =
            new ModelSignature(List.of(new TensorSpec("image", TensorType.FP32, Shape.of(-1, 3, -1, -1))), List.of());
    private static final int LITTLE = 8 << 10;
    private static final int LITTLE_ANSWER = 512;
    private static final int TIMES = 20;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'inputs':[{'name':'image','datatype':'FP32','shape':[1,3,%1$d,%1$d],'data':%2$s}]}",
                "{'inputs':[{'data':%2$s,'datatype':'FP32','name':'image','shape':[1,3,%1$d,%1$d]}]}",
                "{'inputs':{'image':%2$s}}",
                "{'instances':%2$s}"
            })
    void doesNotGrowWithTheNumberOfElements(String form) {
        long few = allocatedBy(body(form, 7));
        long many = allocatedBy(body(form, 224));
        assertThat(many).isLessThan(few + LITTLE);
    }

    /** Numbers whose digits begin far behind the point are as plain as others. */
    @Test
    void doesNotGrowWithZerosBeforeTheDigits() {
        String row = "[" + "0.000123456789012345678,".repeat(5000) + "1]";
        String body = "{'instances':[[[" + row + "],[" + row + "],[" + row + "]]]}";
        assertThat(allocatedBy(body.replace('\'', '"').getBytes(UTF_8))).isLessThan(LITTLE);
    }

    @ParameterizedTest
    @EnumSource
    void doesNotGrowWithTheNumberOfElementsOfAnAnswer(BodyForm form) {
        long few = allocatedByAnswer(form, 1000);
        long many = allocatedByAnswer(form, 150_000);
        assertThat(many).isLessThanOrEqualTo(few);
        assertThat(few).isLessThan(LITTLE_ANSWER);
    }

    private static long allocatedBy(byte[] json) {
        RequestBody body = RequestBody.of(json);
        return leastAllocated(() -> assertThat(PredictRequestReader.read(body, IMAGES, TensorMemory.collected())
                        .rows())
                .isNotNegative());
    }

    private static long allocatedByAnswer(BodyForm form, int elements) {
        ByteBuffer data = ByteBuffer.allocateDirect(elements * Float.BYTES).order(ByteOrder.nativeOrder());
        SplittableRandom random = new SplittableRandom(7);
        for (int index = 0; index < elements; index++) {
            data.putFloat(index * Float.BYTES, (float) random.nextDouble(-3, 3));
        }
        Tensor scores = new Tensor.Numbers(TensorType.FP32, Shape.of(elements / 2, 2), data);
        InferenceResponse response = new InferenceResponse(
                Map.of("scores", scores), Map.of("scores", new ClassLabels(List.of("no", "yes"), false)), Set.of());
        PredictRequest request = new PredictRequest(
                form, elements / 2, null, new InferenceRequest(Map.of(), List.of()), OutputForms.NONE);
        CountedBody answer = new CountedBody();
        ModelRef ref = ModelRef.of("m", 1);
        long least = leastAllocated(() -> PredictResponseWriter.write(ref, request, "id", response, answer));
        assertThat(answer.length()).isGreaterThan(TIMES * elements * 8);
        return least;
    }

    /** The least of several times, when everything that is made once has been made. */
    private static long leastAllocated(Runnable work) {
        long least = Long.MAX_VALUE;
        for (int time = 0; time < TIMES; time++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            work.run();
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    /** Keeps nothing but the number. */
    private static final class CountedBody implements ResponseBody {
        private int length;

        @Override
        public void append(byte[] source, int from, int count) {
            length += count;
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public byte[] toArray() {
            throw new IllegalStateException("nothing was kept");
        }
    }

    private static byte[] body(String form, int side) {
        SplittableRandom random = new SplittableRandom(7);
        StringBuilder data = new StringBuilder("[[");
        for (int channel = 0; channel < 3; channel++) {
            data.append(channel == 0 ? "[" : ",[");
            for (int row = 0; row < side; row++) {
                data.append(row == 0 ? "[" : ",[");
                for (int column = 0; column < side; column++) {
                    data.append(column == 0 ? "" : ",").append((float) random.nextDouble(-3, 3));
                }
                data.append(']');
            }
            data.append(']');
        }
        return form.replace('\'', '"').formatted(side, data.append("]]")).getBytes(UTF_8);
    }
}
