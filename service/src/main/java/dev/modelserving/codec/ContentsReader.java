package dev.modelserving.codec;

import dev.modelserving.model.Shape;
import dev.modelserving.model.Tensor;
import dev.modelserving.model.TensorType;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads the elements of one tensor from {@code InferTensorContents}, each datatype's from its own field: numbers go straight
 * into the tensor's memory.
 */
final class ContentsReader {
    private static final int LAST_FIELD = 8;
    private static final String[] FIELDS = {
        "",
        "bool_contents",
        "int_contents",
        "int64_contents",
        "uint_contents",
        "uint64_contents",
        "fp32_contents",
        "fp64_contents",
        "bytes_contents"
    };

    private final WireReader reader;
    private final String input;
    private final TensorType type;
    private final Shape shape;
    private final TensorRoom room;
    private final Problems problems;
    private final int field;
    private final long elements;

    /** How many elements came; those beyond {@link #elements} are counted only. */
    private long count;

    /** @param input as it is called in messages */
    ContentsReader(WireReader reader, String input, TensorType type, Shape shape, TensorRoom room, Problems problems) {
        this.reader = reader;
        this.input = input;
        this.type = type;
        this.shape = shape;
        this.room = room;
        this.problems = problems;
        this.field = field(type);
        this.elements = shape.saturatedElementCount();
    }

    private static int field(TensorType type) {
        return switch (type) {
            case BOOL -> 1;
            case INT8, INT16, INT32 -> 2;
            case INT64 -> 3;
            case UINT8, UINT16, UINT32 -> 4;
            case UINT64 -> 5;
            case FP32 -> 6;
            case FP64 -> 7;
            case BYTES -> 8;
            case FP16, BF16 -> 0;
        };
    }

    /** Nothing when there were problems. */
    Optional<Tensor> read(List<InputMessage.Place> contents) {
        if (field == 0) {
            problems.add(input, "of datatype " + type + " is in", "raw_input_contents", "contents");
            return Optional.empty();
        }
        long bytes = contents.stream().mapToLong(InputMessage.Place::length).sum();
        int before = problems.count();
        Supplier<Tensor> tensor;
        if (type == TensorType.BYTES) {
            List<String> strings = new ArrayList<>();
            readFields(contents, () -> readString(strings));
            tensor = () -> new Tensor.Strings(shape, strings);
        } else {
            // Each takes a byte of them at least; where they are too few, nothing is made of them.
            ByteBuffer data = room.allocate(type, Math.min(elements, bytes));
            readFields(contents, () -> readNumbers(data));
            tensor = () -> new Tensor.Numbers(type, shape, data);
        }
        if (count != elements) {
            String expected = elements + " elements, as shape " + shape + " says";
            problems.add(input, FIELDS[field] + " has", expected, count + " elements");
        }
        return problems.count() == before ? Optional.of(tensor.get()) : Optional.empty();
    }

    /** Calls {@code read} at each field of the type. */
    private void readFields(List<InputMessage.Place> contents, Runnable read) {
        boolean[] isRefused = new boolean[LAST_FIELD + 1];
        for (InputMessage.Place place : contents) {
            reader.moveTo(place.begin());
            int outer = reader.enter(place.length());
            while (reader.next()) {
                if (reader.field() == field) {
                    read.run();
                    continue;
                }
                if (reader.field() <= LAST_FIELD && !isRefused[reader.field()]) {
                    isRefused[reader.field()] = true;
                    problems.add(input, "of datatype " + type + " is in", FIELDS[field], FIELDS[reader.field()]);
                }
                reader.skip();
            }
            reader.leave(outer);
        }
    }

    private void readString(List<String> strings) {
        byte[] bytes = reader.bytes();
        if (count++ >= elements) {
            return;
        }
        try {
            strings.add(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            problems.add(input, FIELDS[field] + "[" + (count - 1) + "] is", "text in UTF-8", "other bytes");
        }
    }

    /** Packed, or a single one. */
    private void readNumbers(ByteBuffer data) {
        switch (type) {
            case FP32 -> readFixed(data, WireReader.FIXED32);
            case FP64 -> readFixed(data, WireReader.FIXED64);
            default -> readVarints(data);
        }
    }

    /** As they lie there. */
    private void readFixed(ByteBuffer data, int single) {
        int width = type.byteSize();
        int length = width;
        if (reader.wireType() != single) {
            length = reader.length();
            if (length % width != 0) {
                problems.add(input, FIELDS[field] + " has", "elements of " + width + " bytes", length + " bytes");
            }
        }
        int known = (int) Math.min(length / width, Math.max(0, elements - count)) * width;
        if (known > 0) {
            reader.copyTo(data.slice((int) count * width, known));
        }
        count += length / width;
        reader.pass(length - known);
    }

    private void readVarints(ByteBuffer data) {
        if (reader.wireType() == WireReader.VARINT) {
            put(data, reader.varint());
            return;
        }
        int outer = reader.enter(reader.length());
        while (reader.hasMore()) {
            put(data, reader.varint());
        }
        reader.leave(outer);
    }

    private void put(ByteBuffer data, long value) {
        int index = (int) count;
        if (count++ >= elements) {
            return;
        }
        int signed = (int) value; // as protocol buffers read what is longer
        switch (type) {
            case BOOL -> data.put(index, (byte) (value == 0 ? 0 : 1));
            case INT8 -> data.put(index, (byte) within(signed, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case INT16 -> data.putShort(index * Short.BYTES, (short) within(signed, Short.MIN_VALUE, Short.MAX_VALUE));
            case INT32 -> data.putInt(index * Integer.BYTES, signed);
            case UINT8 -> data.put(index, (byte) within(value & 0xFFFF_FFFFL, 0, 0xFF));
            case UINT16 -> data.putShort(index * Short.BYTES, (short) within(value & 0xFFFF_FFFFL, 0, 0xFFFF));
            case UINT32 -> data.putInt(index * Integer.BYTES, signed);
            default -> data.putLong(index * Long.BYTES, value);
        }
    }

    private long within(long value, long least, long most) {
        if (value < least || value > most) {
            String expected = "a whole number from " + least + " to " + most;
            problems.add(input, FIELDS[field] + "[" + (count - 1) + "] is", expected, Long.toString(value));
        }
        return value;
    }
}
