/** The commands around model directories: {@code model create} and {@code model info}. */
@NullMarked
package org.rlhf4j.cli.model;

import org.jspecify.annotations.NullMarked;
