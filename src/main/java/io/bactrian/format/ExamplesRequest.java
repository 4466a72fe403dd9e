package io.bactrian.format;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A classify or regress request as it was read.
 *
 * @param signatureName the signature it asks for; null for the default one
 * @param examples the serialized {@code tf.train.Example}s, at least one
 */
public record ExamplesRequest(@Nullable String signatureName, List<byte[]> examples) {}
