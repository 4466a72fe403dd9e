/**
 * First route files for models, guessed from their signatures and graphs: {@code bactrian init}.
 *
 * <p>Each kind of guess is one class: an {@link io.bactrian.scaffold.InputGuesser} or an {@link
 * io.bactrian.scaffold.OutputGuesser}, listed in {@link io.bactrian.scaffold.RouteScaffold}.
 */
@NullMarked
package io.bactrian.scaffold;

import org.jspecify.annotations.NullMarked;
