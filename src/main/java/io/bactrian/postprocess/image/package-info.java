/** Images that answers have: their pixels, and the encoding of these. */
@NullMarked
package io.bactrian.postprocess.image;

import org.jspecify.annotations.NullMarked;
