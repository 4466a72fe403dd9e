/** The rows of a request's table, and the features that a model wants of each. */
@NullMarked
package io.bactrian.preprocess.table;

import org.jspecify.annotations.NullMarked;
