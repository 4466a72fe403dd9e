/**
 * What one request may take: time ({@link io.bactrian.limit.Deadline}), memory ({@link
 * io.bactrian.limit.MemoryBudget}), and the errors of a request that would take more. No Camel, no
 * HTTP, no tensors.
 */
@NullMarked
package io.bactrian.limit;

import org.jspecify.annotations.NullMarked;
