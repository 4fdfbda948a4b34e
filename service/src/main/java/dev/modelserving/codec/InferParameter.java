package dev.modelserving.codec;

/**
 * A parameter of a request, an input or an output, as messages have it: the message {@code InferParameter} behind a name.
 *
 * @param choice which field of the message is set: 1 a truth value, 2 and 5 whole numbers, 3 a text, 4 a number; 0 none
 * @param number the value of 1, 2 and 5
 */
record InferParameter(String name, int choice, long number) {
    private static final int NAME = 1;
    private static final int VALUE = 2;
    private static final int TRUTH = 1;
    private static final int SIGNED = 2;
    private static final int UNSIGNED = 5;

    /** The field at which the reader stands, an entry of a map. */
    static InferParameter read(WireReader reader) {
        String name = "";
        int choice = 0;
        long number = 0;
        int outer = reader.enter(reader.length());
        while (reader.next()) {
            if (reader.field() == NAME) {
                name = reader.string();
            } else if (reader.field() == VALUE) {
                int entry = reader.enter(reader.length());
                while (reader.next()) {
                    choice = reader.field();
                    if (choice == TRUTH || choice == SIGNED || choice == UNSIGNED) {
                        reader.requireType(WireReader.VARINT);
                        number = reader.varint();
                    } else {
                        reader.skip();
                    }
                }
                reader.leave(entry);
            } else {
                reader.skip();
            }
        }
        reader.leave(outer);
        return new InferParameter(name, choice, number);
    }

    boolean isWholeNumber() {
        return choice == SIGNED || choice == UNSIGNED;
    }
}
