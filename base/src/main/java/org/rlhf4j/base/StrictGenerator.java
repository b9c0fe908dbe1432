package org.rlhf4j.base;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import java.io.IOException;

/** A generator that refuses what {@link StrictParser} would refuse to read back. */
final class StrictGenerator extends JsonGeneratorDelegate {
    StrictGenerator(JsonGenerator generator) {
        super(generator);
    }

    @Override
    public void writeFieldName(String name) throws IOException {
        super.writeFieldName(requirePaired(name));
    }

    @Override
    public void writeString(String text) throws IOException {
        super.writeString(requirePaired(text));
    }

    @Override
    public void writeNumber(double number) throws IOException {
        requireFinite(number);
        super.writeNumber(number);
    }

    @Override
    public void writeNumber(float number) throws IOException {
        requireFinite(number);
        super.writeNumber(number);
    }

    @Override
    public void writeArray(double[] array, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            requireFinite(array[i]);
        }
        super.writeArray(array, offset, length);
    }

    private static void requireFinite(double number) {
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException("cannot be written as JSON: " + number + " is no JSON number");
        }
    }

    private static String requirePaired(String text) {
        if (text != null && !Surrogates.paired(text)) {
            throw new IllegalArgumentException(
                    "cannot be written as JSON: half of a surrogate pair, which is no character");
        }
        return text;
    }
}
