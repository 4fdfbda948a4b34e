package dev.modelserving.predictionlog;

import java.time.Instant;
import java.util.random.RandomGenerator;

/** Names that sort by time and do not collide: the ULID specification, without its order within a millisecond. */
final class Ulid {
    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int TIME_CHARACTERS = 10;
    private static final int RANDOM_CHARACTERS = 16;
    private static final int BITS = 5;

    private Ulid() {}

    static String at(Instant time, RandomGenerator random) {
        StringBuilder text = new StringBuilder(TIME_CHARACTERS + RANDOM_CHARACTERS);
        long millis = time.toEpochMilli();
        for (int place = TIME_CHARACTERS - 1; place >= 0; place--) {
            text.append(ALPHABET.charAt((int) (millis >>> (place * BITS)) & 31));
        }
        for (int place = 0; place < RANDOM_CHARACTERS; place++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }
}
