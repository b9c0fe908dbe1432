package org.rlhf4j.control.random;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Normal and exponential numbers by the ziggurat method (Marsaglia and Tsang, "The Ziggurat Method for Generating Random
 * Variables", 2000), step for step as NumPy draws them.
 *
 * <p>The area under the density is cut into 256 layers of the same area; the lowest is the one with the tail. Layer i is
 * {@code scale * x_i} wide, a number below {@code inside[i]} lies under the density for certain, and {@code density[i]} is
 * that at {@code x_i}. The tables are NumPy's own, rounding included: computed exactly they would differ in the last bits.
 */
final class Ziggurat {
    private static final int LAYERS = 256;
    private static final double NORMAL_TAIL = 3.654152885361009;
    private static final double INVERSE_NORMAL_TAIL = 0.2736612373297583;
    private static final double EXPONENTIAL_TAIL = 7.69711747013105;
    private static final long MASK_52 = (1L << 52) - 1;

    private static final Ziggurat NORMAL = read("ziggurat-normal.txt");
    private static final Ziggurat EXPONENTIAL = read("ziggurat-exponential.txt");

    private final double[] width = new double[LAYERS];
    private final long[] inside = new long[LAYERS];
    private final double[] density = new double[LAYERS];

    private Ziggurat() {}

    static double normal(Generator generator) {
        while (true) {
            long bits = generator.nextLong();
            int layer = (int) (bits & 0xff);
            boolean negative = (bits >>> 8 & 1) == 1;
            long place = bits >>> 9 & MASK_52;
            double x = place * NORMAL.width[layer];
            if (place < NORMAL.inside[layer]) {
                return negative ? -x : x;
            }
            if (layer == 0) {
                double tail = normalTail(generator);
                // Another bit than elsewhere gives the tail its sign.
                return (place >>> 8 & 1) == 1 ? -tail : tail;
            }
            if (NORMAL.height(layer, generator) < Math.exp(-0.5 * x * x)) {
                return negative ? -x : x;
            }
        }
    }

    static double exponential(Generator generator) {
        while (true) {
            long bits = generator.nextLong() >>> 3;
            int layer = (int) (bits & 0xff);
            long place = bits >>> 8;
            double x = place * EXPONENTIAL.width[layer];
            if (place < EXPONENTIAL.inside[layer]) {
                return x;
            }
            if (layer == 0) {
                return EXPONENTIAL_TAIL - Math.log1p(-generator.nextDouble());
            }
            if (EXPONENTIAL.height(layer, generator) < Math.exp(-x)) {
                return x;
            }
        }
    }

    private static double normalTail(Generator generator) {
        while (true) {
            double x = -INVERSE_NORMAL_TAIL * Math.log1p(-generator.nextDouble());
            double y = -Math.log1p(-generator.nextDouble());
            if (y + y > x * x) {
                return NORMAL_TAIL + x;
            }
        }
    }

    /** A uniform height between the densities at a layer's two ends. */
    private double height(int layer, Generator generator) {
        return (density[layer - 1] - density[layer]) * generator.nextDouble() + density[layer];
    }

    /** A line a layer: width, inside and density, each as the 64 bits of the number in hexadecimal digits. */
    private static Ziggurat read(String name) {
        Ziggurat tables = new Ziggurat();
        try (InputStream in = Objects.requireNonNull(Ziggurat.class.getResourceAsStream(name), name);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            for (int layer = 0; layer < LAYERS; layer++) {
                String[] bits = Objects.requireNonNull(lines.readLine(), name).split(" ", -1);
                tables.width[layer] = Double.longBitsToDouble(Long.parseUnsignedLong(bits[0], 16));
                tables.inside[layer] = Long.parseUnsignedLong(bits[1], 16);
                tables.density[layer] = Double.longBitsToDouble(Long.parseUnsignedLong(bits[2], 16));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return tables;
    }
}
