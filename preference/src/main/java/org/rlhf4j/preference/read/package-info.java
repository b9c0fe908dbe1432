/** Opens preference data of any format in any container. */
@NullMarked
package org.rlhf4j.preference.read;

import org.jspecify.annotations.NullMarked;
