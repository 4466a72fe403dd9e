/**
 * Finds, reads and checks route files and starts their routes, each scope in a Camel context of its
 * own. The package depends on models and pipelines, but not on HTTP.
 */
@NullMarked
package io.bactrian.route;

import org.jspecify.annotations.NullMarked;
