package org.rlhf4j.lm.hub;

import java.nio.file.Path;

/**
 * A model of the hub on this machine.
 *
 * @param name as it was asked for
 * @param commit what its revision means, 40 hexadecimal digits
 * @param directory holds its files
 */
public record HubModel(HubName name, String commit, Path directory) {}
