package dev.modelserving.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.modelserving.model.ModelSignature;
import dev.modelserving.model.Shape;
import dev.modelserving.model.TensorMemory;
import dev.modelserving.model.TensorSpec;
import dev.modelserving.model.TensorType;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What reading a body takes of the heap, where it has many elements and where it has few. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final ModelSignature IMAGES =
            new ModelSignature(List.of(new TensorSpec("image", TensorType.FP32, Shape.of(-1, 3, -1, -1))), List.of());
    private static final int LITTLE = 8 << 10;

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

    /** The least of several times, when everything that is made once has been made. */
    private static long allocatedBy(byte[] json) {
        RequestBody body = RequestBody.of(json);
        long least = Long.MAX_VALUE;
        for (int time = 0; time < 20; time++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            PredictRequest request = PredictRequestReader.read(body, IMAGES, TensorMemory.collected());
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            assertThat(request.inference().inputs()).hasSize(1);
        }
        return least;
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
