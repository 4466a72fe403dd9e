/**
 * Images as Python's Pillow sees them: decoded to RGB or gray, resized with the same filters and
 * the same rounding. The size is known from the header before a pixel is decoded. No Camel, no
 * HTTP.
 */
@NullMarked
package io.bactrian.preprocess.image;

import org.jspecify.annotations.NullMarked;
