package org.rlhf4j.lm.template;

import java.util.List;

/** The keys, values or items of a dictionary: counted and gone through, but without an order to index. */
record View(String name, List<Object> items) {}
