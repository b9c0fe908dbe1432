/**
 * The text world of the quickstart: a small kitchen in which a program knows how good every answer truly is. It makes
 * the bundled data, judges completions, and holds the baseline that looks at words without their order.
 */
@NullMarked
package org.rlhf4j.cli.world;

import org.jspecify.annotations.NullMarked;
