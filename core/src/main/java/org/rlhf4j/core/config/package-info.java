/**
 * Settings: records that check themselves, filled from their defaults, a YAML file, {@code key.path=value} overrides
 * and flags; anything unknown is refused with the nearest valid name.
 */
@NullMarked
package org.rlhf4j.core.config;

import org.jspecify.annotations.NullMarked;
