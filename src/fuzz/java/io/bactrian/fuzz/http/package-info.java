/** A run of mutated HTTP requests against the distribution; see {@code src/fuzz/README.md}. */
package io.bactrian.fuzz.http;
