/** Coverage-guided fuzzing of the readers of untrusted bytes; see {@code src/fuzz/README.md}. */
package io.bactrian.fuzz;
