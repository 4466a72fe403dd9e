/**
 * Image decoding and resizing with the results of Python's Pillow: images are decoded to RGB or
 * gray, and resized with the same filters and rounding. The size is known from the header, before
 * pixels are decoded. The package depends on neither Camel nor HTTP.
 */
@NullMarked
package io.bactrian.preprocess.image;

import org.jspecify.annotations.NullMarked;
