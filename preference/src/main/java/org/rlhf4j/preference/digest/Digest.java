package org.rlhf4j.preference.digest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
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
        private final MessageDigest sha256 = Sha256.digest();
        private final ByteBuffer head = ByteBuffer.allocate(17);

        public Builder(String purpose) {
            add(purpose);
        }

        public Builder add(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            put((byte) 1, utf8.length, 0);
            sha256.update(utf8);
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

        public Digest build() {
            ByteBuffer bytes = ByteBuffer.wrap(sha256.digest());
            return new Digest(bytes.getLong(), bytes.getLong());
        }

        private void put(byte kind, long first, long second) {
            head.clear();
            head.put(kind).putLong(first).putLong(second).flip();
            sha256.update(head);
        }
    }
}
