/**
 * SavedModels: found, checked, loaded, warmed, versioned; their signatures; the batching scheduler.
 * Knows nothing of Camel or HTTP.
 */
package io.bactrian.model;
