package org.rlhf4j.cli;

import picocli.CommandLine.IVersionProvider;

/** The answer to {@code rlhf --version}. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Main.class.getPackage().getImplementationVersion();
        return new String[] {
            "rlhf4j " + (version == null ? "(unpackaged build)" : version), "JDK " + Runtime.version(),
        };
    }
}
