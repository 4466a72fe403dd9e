/**
 * Audio decoding, resampling and spectrograms with the results of Python: samples as {@code
 * tf.audio.decode_wav} gives them, resampled as by {@code scipy.signal.resample_poly}, transformed
 * as by {@code tf.signal}. The length is known from the header, before samples are decoded. The
 * package depends on neither Camel nor HTTP.
 */
@NullMarked
package io.bactrian.preprocess.audio;

import org.jspecify.annotations.NullMarked;
