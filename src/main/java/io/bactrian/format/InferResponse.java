package io.bactrian.format;

/**
 * An answer of the Open Inference Protocol.
 *
 * @param body JSON in UTF-8, and the binary data of outputs after each other
 * @param jsonLength the length of the JSON in bytes
 * @param isBinary whether an output is binary data, even if it has no bytes
 */
public record InferResponse(byte[] body, int jsonLength, boolean isBinary) {}
