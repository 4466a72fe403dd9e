/** Texts as ids: subword tokenizers, vocabularies, and sequences of one length. */
@NullMarked
package io.bactrian.preprocess.text;

import org.jspecify.annotations.NullMarked;
