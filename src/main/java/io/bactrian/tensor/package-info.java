/**
 * Named tensors with one owner, the dtype table, and Java values to tensors and back. Knows nothing
 * of Camel, HTTP or SavedModels.
 */
package io.bactrian.tensor;
