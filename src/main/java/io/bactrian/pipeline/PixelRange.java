package io.bactrian.pipeline;

/**
 * The range of the numbers by which a step represents the samples of an image, 0 to 255.
 *
 * @param min the smallest number
 * @param max the largest number
 */
public record PixelRange(double min, double max) {}
