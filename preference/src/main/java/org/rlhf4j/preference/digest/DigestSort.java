package org.rlhf4j.preference.digest;

/** Brings equal digests together however many there are: sorts (digest, value) records as {@link RecordSort} does. */
public final class DigestSort implements AutoCloseable {
    static final int RUN_RECORDS = RecordSort.RUN_RECORDS;

    private final RecordSort sort = new RecordSort(3);

    /** Receives the records, those of one digest in a row and in the order of their values. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One record.
         *
         * @param first whether it is the first one of its digest
         * @param digest the digest
         * @param value what was added with it
         */
        void visit(boolean first, Digest digest, long value);
    }

    /**
     * Adds a record.
     *
     * @param digest what to bring together
     * @param value anything that is not negative; the same digest and value twice are two records
     */
    public void add(Digest digest, long value) {
        sort.add(digest.high(), digest.low(), value);
    }

    /** How many records were added. */
    public long size() {
        return sort.size();
    }

    /** Passes all records in the order of digest, then value; nothing can be added afterwards. */
    public void forEach(Visitor visitor) {
        Digest[] previous = new Digest[1];
        sort.forEach(values -> {
            Digest digest = new Digest(values[0], values[1]);
            boolean first = !digest.equals(previous[0]);
            previous[0] = digest;
            visitor.visit(first, digest, values[2]);
        });
    }

    @Override
    public void close() {
        sort.close();
    }
}
