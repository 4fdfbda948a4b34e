package dev.modelserving.infra;

import java.util.regex.Pattern;

/** What a reason for an acknowledgement has to be. */
final class Reasons {
    private static final Pattern SENTENCE = Pattern.compile("(?s)\\S+(\\s+\\S+){7,}\\.");

    private Reasons() {}

    static boolean isASentence(String reason) {
        return SENTENCE.matcher(reason).matches();
    }
}
