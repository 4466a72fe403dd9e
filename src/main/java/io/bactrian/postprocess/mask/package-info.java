/** Masks: maps of classes, and what answers make of them. */
@NullMarked
package io.bactrian.postprocess.mask;

import org.jspecify.annotations.NullMarked;
