package org.rlhf4j.preference.digest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.base.Sha256;

/**
 * The first 128 bits of a SHA-256: stands for a text where texts must be compared without being kept. Two different
 * texts among n share one with probability n^2 / 2^129, 10^-21 for a billion.
 *
 * @param high the first 64 bits
 * @param low the next 64 bits
 */
public record Digest(long high, long low) implements Comparable<Digest> {
    private static final int HEAD_BYTES = 17;

    /** The digest of a text field. Text and messages never share one. */
    public static Digest of(Content content) {
        Builder builder = new Builder("content");
        if (content instanceof Content.Text text) {
            builder.add(text.text());
        } else if (content instanceof Content.Chat chat) {
            builder.add(chat.messages().size());
            for (Message message : chat.messages()) {
                builder.add(message.role()).add(message.content());
            }
        }
        return builder.build();
    }

    /** Unsigned, as the bytes of the SHA-256 compare. */
    @Override
    public int compareTo(Digest other) {
        int order = Long.compareUnsigned(high, other.high);
        return order != 0 ? order : Long.compareUnsigned(low, other.low);
    }

    /** Puts values together; each is preceded by its kind and length, so that no two sequences run together alike. */
    public static final class Builder {
        /** What a thread's builders use one after the other; null while one has it. */
        private static final ThreadLocal<@Nullable Scratch> FREE = new ThreadLocal<>();

        private final Scratch scratch;

        public Builder(String purpose) {
            Scratch free = FREE.get();
            scratch = free == null ? new Scratch() : free;
            FREE.set(null);
            add(purpose);
        }

        public Builder add(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            put((byte) 1, utf8.length, 0);
            scratch.put(utf8);
            return this;
        }

        public Builder add(long number) {
            put((byte) 2, number, 0);
            return this;
        }

        public Builder add(Digest digest) {
            put((byte) 3, digest.high, digest.low);
            return this;
        }

        /** The digest; the builder is of no more use. */
        public Digest build() {
            scratch.flush();
            ByteBuffer bytes = ByteBuffer.wrap(scratch.sha256.digest());
            FREE.set(scratch);
            return new Digest(bytes.getLong(), bytes.getLong());
        }

        private void put(byte kind, long first, long second) {
            if (scratch.bytes.remaining() < HEAD_BYTES) {
                scratch.flush();
            }
            scratch.bytes.put(kind).putLong(first).putLong(second);
        }
    }

    /** A SHA-256 that gets its small pieces together: a call of it costs more than a few bytes do. */
    private static final class Scratch {
        private final MessageDigest sha256 = Sha256.digest();
        private final ByteBuffer bytes = ByteBuffer.allocate(1 << 12);

        void put(byte[] piece) {
            if (piece.length > bytes.remaining()) {
                flush();
            }
            if (piece.length > bytes.capacity()) {
                sha256.update(piece);
            } else {
                bytes.put(piece);
            }
        }

        void flush() {
            sha256.update(bytes.array(), 0, bytes.position());
            bytes.clear();
        }
    }
}
