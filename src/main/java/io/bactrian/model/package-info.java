/**
 * SavedModels: discovery, validation, loading, warm-up and optimization; their signatures; and the
 * batching scheduler. Independent of Camel and HTTP.
 */
@NullMarked
package io.bactrian.model;

import org.jspecify.annotations.NullMarked;
