/** Settings: their names, values, defaults and documentation. */
@NullMarked
package io.bactrian.setting;

import org.jspecify.annotations.NullMarked;
