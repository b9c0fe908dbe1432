/**
 * What the tests of every room share: property tests, assertions on tensors, leak checks, and the golden files that other
 * implementations computed.
 */
@NullMarked
package org.rlhf4j.testing;

import org.jspecify.annotations.NullMarked;
