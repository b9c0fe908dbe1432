package org.rlhf4j.base;

import java.io.IOException;

/** Finds where one row ends and the next begins, without reading what is in it. */
sealed interface RowSplitter permits RowSplitter.Lines, RowSplitter.Elements {
    /**
     * Reads the next row.
     *
     * @param row receives its bytes
     * @return whether there was one
     * @throws DataFormatException without a place, if the rest cannot be split
     */
    boolean next(RowBuffer row) throws IOException;

    /** The line of the first byte of the row that was read last, counted from 1. */
    long line();

    /** The column of that byte, counted from 1 in characters. */
    int column();

    /** JSON Lines: every line that is not blank is a row. */
    final class Lines implements RowSplitter {
        private final ByteSource source;
        private long line;
        private int column;

        Lines(ByteSource source) {
            this.source = source;
        }

        @Override
        public boolean next(RowBuffer row) throws IOException {
            do {
                line = source.line();
                column = source.column();
                row.clear();
                if (!source.readLine(row)) {
                    return false;
                }
            } while (row.isBlank());
            return true;
        }

        @Override
        public long line() {
            return line;
        }

        @Override
        public int column() {
            return column;
        }
    }

    /** One JSON array: every element is a row. Starts behind the opening bracket. */
    final class Elements implements RowSplitter {
        private final ByteSource source;
        private long line;
        private int column;
        private boolean first = true;
        private boolean ended;

        Elements(ByteSource source) {
            this.source = source;
        }

        @Override
        public boolean next(RowBuffer row) throws IOException {
            if (ended) {
                return false;
            }
            row.clear();
            int b = skipSpace();
            line = source.line();
            column = Math.max(1, source.column() - 1);
            if (b == ']' && first) {
                end();
                return false;
            }
            first = false;
            collect(b, row);
            return true;
        }

        @Override
        public long line() {
            return line;
        }

        @Override
        public int column() {
            return column;
        }

        /** Copies up to the comma or bracket that belongs to the array itself. */
        private void collect(int start, RowBuffer row) throws IOException {
            int depth = 0;
            boolean inString = false;
            for (int b = start; ; b = source.read()) {
                if (b < 0) {
                    throw new DataFormatException("the array ends before its closing bracket");
                }
                if (inString) {
                    if (b == '\\') {
                        row.append(b);
                        b = source.read();
                        if (b < 0) {
                            continue;
                        }
                    } else if (b == '"') {
                        inString = false;
                    }
                } else if (b == '"') {
                    inString = true;
                } else if (b == '{' || b == '[') {
                    depth++;
                } else if (depth == 0 && b == ']') {
                    end();
                    return;
                } else if (depth == 0 && b == ',') {
                    return;
                } else if (b == '}' || b == ']') {
                    depth = Math.max(0, depth - 1);
                }
                row.append(b);
            }
        }

        private void end() throws IOException {
            ended = true;
            if (skipSpace() >= 0) {
                throw new DataFormatException("there is more text after the array");
            }
        }

        private int skipSpace() throws IOException {
            int b = source.read();
            while (b == ' ' || b == '\t' || b == '\r' || b == '\n') {
                b = source.read();
            }
            return b;
        }
    }
}
