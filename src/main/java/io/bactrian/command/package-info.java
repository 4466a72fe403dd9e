/**
 * The command line: one class per command, listed in {@link io.bactrian.command.BactrianCommand}.
 *
 * <p>{@code serve} does not go through picocli: see {@link io.bactrian.command.Server}.
 */
@NullMarked
package io.bactrian.command;

import org.jspecify.annotations.NullMarked;
