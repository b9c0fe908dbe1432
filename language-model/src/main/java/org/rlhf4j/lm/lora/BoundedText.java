package org.rlhf4j.lm.lora;

import java.util.regex.Pattern;
import org.rlhf4j.base.DataFormatException;

/** A text that may be read only so often: a regular expression from anywhere else could be tried for years. */
final class BoundedText implements CharSequence {
    private static final int MOST_READS = 1_000_000;

    private final String expression;
    private final String text;
    private int reads;

    private BoundedText(String expression, String text) {
        this.expression = expression;
        this.text = text;
    }

    /**
     * Whether an expression matches the whole of a module's name.
     *
     * @param shown of the expression, for the message
     * @throws DataFormatException if that takes too long to find out
     */
    static boolean matches(String expression, String shown, String module) {
        return Pattern.compile(expression)
                .matcher(new BoundedText(shown, module))
                .matches();
    }

    @Override
    public char charAt(int index) {
        reads++;
        if (reads > MOST_READS) {
            throw new DataFormatException("the expression \"" + expression + "\" takes too long to match the module "
                    + text + ": write it without nested repetitions");
        }
        return text.charAt(index);
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.substring(start, end);
    }

    @Override
    public String toString() {
        return text;
    }
}
