/**
 * Route files: found, read, checked, and their routes started, each origin's in a Camel context of
 * its own. It knows models and pipelines, and no HTTP.
 */
@NullMarked
package io.bactrian.route;

import org.jspecify.annotations.NullMarked;
