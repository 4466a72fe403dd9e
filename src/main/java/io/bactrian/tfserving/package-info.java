/** TensorFlow Serving's REST API: its paths, requests and answers, without HTTP. */
@NullMarked
package io.bactrian.tfserving;

import org.jspecify.annotations.NullMarked;
