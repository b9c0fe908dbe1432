package org.rlhf4j.lm.template;

/** Python's range: the numbers from {@code start} towards {@code stop}, without it. */
record Range(long start, long stop, long step) {
    static Range of(Arguments arguments) {
        long first = arguments.integer(0);
        boolean alone = arguments.size() == 1;
        long step = arguments.size() > 2 ? arguments.integer(2) : 1;
        if (step == 0) {
            throw new TemplateException("range() arg 3 must not be zero");
        }
        Range range = new Range(alone ? 0 : first, alone ? first : arguments.integer(1), step);
        if (range.wide() > Budget.RANGE) {
            throw new TemplateException("Range too big: more than " + Budget.RANGE + " numbers");
        }
        return range;
    }

    private double wide() {
        return Math.max(0, Math.ceil(((double) stop - start) / step));
    }

    int size() {
        return (int) wide();
    }

    Object get(int index) {
        return start + index * step;
    }
}
