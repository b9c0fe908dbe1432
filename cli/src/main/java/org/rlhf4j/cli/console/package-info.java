/** What every command shares: the terminal, exit codes, rows to a file or to standard output. */
@NullMarked
package org.rlhf4j.cli.console;

import org.jspecify.annotations.NullMarked;
