package org.rlhf4j.lm.template;

/**
 * What a name or an element that is not there gives: prints as nothing, is false and empty; anything else done with it
 * fails.
 */
final class Undefined {
    private final String reason;

    Undefined(String reason) {
        this.reason = reason;
    }

    static Undefined name(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    static Undefined element(Object owner, Object key) {
        String type = owner instanceof None ? "None" : Values.type(owner) + " object";
        return new Undefined(
                key instanceof String name
                        ? "'" + type + "' has no attribute '" + name + "'"
                        : type + " has no element " + Printer.plain(key));
    }

    TemplateException failure() {
        return new TemplateException(reason);
    }
}
