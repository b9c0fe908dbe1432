package org.rlhf4j.lm.template;

import java.util.Iterator;
import java.util.List;

/** Where a value is put. */
sealed interface Target {
    /** Puts it there. */
    void assign(Frame frame, Object value);

    /** A name. */
    record Variable(String name) implements Target {
        @Override
        public void assign(Frame frame, Object value) {
            frame.scope().set(name, value);
        }
    }

    /** An attribute of a namespace. */
    record Member(String owner, String name) implements Target {
        @Override
        public void assign(Frame frame, Object value) {
            Object found = frame.scope().find(owner);
            if (!(found instanceof Namespace namespace)) {
                throw new TemplateException("cannot assign attribute on non-namespace object");
            }
            namespace.attributes().put(name, value);
        }
    }

    /** Several, each of which gets an element of the value. */
    record Several(List<Target> parts) implements Target {
        @Override
        public void assign(Frame frame, Object value) {
            Iterator<Object> elements = Values.iterate(frame.render(), value);
            for (Target part : parts) {
                if (!elements.hasNext()) {
                    throw new TemplateException("not enough values to unpack (expected " + parts.size() + ")");
                }
                part.assign(frame, elements.next());
            }
            if (elements.hasNext()) {
                throw new TemplateException("too many values to unpack (expected " + parts.size() + ")");
            }
        }
    }
}
