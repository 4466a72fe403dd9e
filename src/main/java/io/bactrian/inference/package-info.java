/** The Open Inference Protocol (KServe's V2), its REST API: paths, requests and answers. */
@NullMarked
package io.bactrian.inference;

import org.jspecify.annotations.NullMarked;
