package org.rlhf4j.base;

/** UTF-16's halves of characters beyond 16 bits. */
final class Surrogates {
    private Surrogates() {}

    /** Whether every half has its other half, so that the text can be encoded as UTF-8. */
    static boolean paired(String text) {
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                int point = text.codePointAt(i);
                if (Character.isBmpCodePoint(point)) {
                    return false;
                }
                i++;
            }
            i++;
        }
        return true;
    }
}
