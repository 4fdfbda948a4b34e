package dev.modelserving.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.modelserving.model.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Bodies as clients of the Open Inference Protocol's binary extension write them. */
public final class BinaryBodies {
    private BinaryBodies() {}

    /** JSON and what comes behind it. */
    public static byte[] body(String json, byte[]... behind) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(json.getBytes(UTF_8));
        for (byte[] data : behind) {
            body.writeBytes(data);
        }
        return body.toByteArray();
    }

    public static byte[] data(Tensor tensor) {
        if (tensor instanceof Tensor.Numbers numbers) {
            byte[] bytes = new byte[numbers.data().remaining()];
            numbers.data().duplicate().get(bytes);
            return bytes;
        }
        return strings(((Tensor.Strings) tensor).elements().toArray(String[]::new));
    }

    public static byte[] strings(String... elements) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (String element : elements) {
            byte[] bytes = element.getBytes(UTF_8);
            data.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(bytes.length)
                    .array());
            data.writeBytes(bytes);
        }
        return data.toByteArray();
    }

    public static byte[] floats(float... elements) {
        ByteBuffer data = ByteBuffer.allocate(4 * elements.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float element : elements) {
            data.putFloat(element);
        }
        return data.array();
    }
}
