/**
 * Our side of the races in {@code benchmarks/}: a process that makes one timed step for each line it reads and answers with
 * one line of figures. {@code race.py} drives it in turn with its peer.
 */
@NullMarked
package org.rlhf4j.benchmarks;

import org.jspecify.annotations.NullMarked;
