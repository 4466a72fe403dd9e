package io.bactrian.fuzz.http;

/**
 * A request ready to be sent.
 *
 * @param description the seed and what was done to it
 * @param bytes of head and body
 * @param framed whether it is well-formed HTTP, whatever it contains, and so must be answered; what
 *     is not may also be met by closing the connection
 * @param head whether its method is HEAD
 */
record MutatedRequest(String description, byte[] bytes, boolean framed, boolean head) {}
