package dev.modelserving.codec;

/** Whether text can be written in UTF-8. A JSON escape can name one half of a surrogate pair, which cannot. */
final class Unicode {
    private Unicode() {}

    static boolean isWellFormed(String text) {
        for (int index = 0; index < text.length(); index++) {
            if (Character.isSurrogate(text.charAt(index))) {
                boolean pair = index + 1 < text.length()
                        && Character.isSurrogatePair(text.charAt(index), text.charAt(index + 1));
                if (!pair) {
                    return false;
                }
                index++;
            }
        }
        return true;
    }
}
