/**
 * Pictures as Python's Pillow sees them: decoded to RGB or grey, resized with the same filters and
 * the same rounding. The size is known from the header before a pixel is decoded. No Camel, no
 * HTTP.
 */
package io.bactrian.preprocess.picture;
