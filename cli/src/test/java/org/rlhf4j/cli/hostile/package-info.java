/** What a user sees when something goes wrong: the cases of {@code docs/hostile-cases.md}. */
@NullMarked
package org.rlhf4j.cli.hostile;

import org.jspecify.annotations.NullMarked;
