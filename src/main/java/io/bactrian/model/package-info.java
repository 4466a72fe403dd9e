/**
 * SavedModels: discovery, validation, loading, warm-up and optimization; their signatures; and the
 * batching scheduler. Independent of Camel and HTTP.
 */
package io.bactrian.model;
