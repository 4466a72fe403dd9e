/** Golden cases: recorded requests with the answers that are expected to them. */
@NullMarked
package io.bactrian.cases;

import org.jspecify.annotations.NullMarked;
