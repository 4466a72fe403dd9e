/** The models of a directory and their pipelines, without the network. */
@NullMarked
package io.bactrian.serving;

import org.jspecify.annotations.NullMarked;
