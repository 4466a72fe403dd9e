package io.bactrian.postprocess;

import io.bactrian.tensor.NumericElements;
import java.util.Locale;

/**
 * The function that makes scores of a model's logits.
 *
 * <p>float32, float16 and bfloat16 are computed as float32, other dtypes as float64, in the order
 * of operations of SciPy, so that results agree with it to the last digits: only {@code exp} is
 * rounded by Java.
 */
public enum Activation {
    /** The model's own values. */
    NONE {
        @Override
        Scores apply(NumericElements logits, int columns) {
            return Scores.of(logits);
        }
    },
    /** {@code e = exp(x - max(x)); e / sum(e)} per row, as {@code scipy.special.softmax}. */
    SOFTMAX {
        @Override
        Scores apply(NumericElements logits, int columns) {
            return Scores.isFloat32(logits)
                    ? Scores.of(softmaxFloats(logits, columns))
                    : Scores.of(softmaxDoubles(logits, columns));
        }
    },
    /** {@code 1 / (1 + exp(-x))} of each value, as {@code scipy.special.expit}. */
    SIGMOID {
        @Override
        Scores apply(NumericElements logits, int columns) {
            return Scores.isFloat32(logits)
                    ? Scores.of(sigmoidFloats(logits))
                    : Scores.of(sigmoidDoubles(logits));
        }
    };

    /**
     * {@return the scores of an output}
     *
     * @param logits the output's elements, in rows
     * @param columns the size of a row
     */
    abstract Scores apply(NumericElements logits, int columns);

    private static float[] softmaxFloats(NumericElements logits, int columns) {
        float[] scores = new float[logits.size()];
        for (int first = 0; first < scores.length; first += columns) {
            float max = Float.NEGATIVE_INFINITY;
            for (int i = first; i < first + columns; i++) {
                max = Math.max(max, logits.getFloat(i));
            }
            for (int i = first; i < first + columns; i++) {
                scores[i] = (float) Math.exp(logits.getFloat(i) - max);
            }
            float sum = PairwiseSum.of(scores, first, columns);
            for (int i = first; i < first + columns; i++) {
                scores[i] /= sum;
            }
        }
        return scores;
    }

    private static double[] softmaxDoubles(NumericElements logits, int columns) {
        double[] scores = new double[logits.size()];
        for (int first = 0; first < scores.length; first += columns) {
            double max = Double.NEGATIVE_INFINITY;
            for (int i = first; i < first + columns; i++) {
                max = Math.max(max, logits.get(i));
            }
            for (int i = first; i < first + columns; i++) {
                scores[i] = Math.exp(logits.get(i) - max);
            }
            double sum = PairwiseSum.of(scores, first, columns);
            for (int i = first; i < first + columns; i++) {
                scores[i] /= sum;
            }
        }
        return scores;
    }

    private static float[] sigmoidFloats(NumericElements logits) {
        float[] scores = new float[logits.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = 1 / (1 + (float) Math.exp(-logits.getFloat(i)));
        }
        return scores;
    }

    private static double[] sigmoidDoubles(NumericElements logits) {
        double[] scores = new double[logits.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = 1 / (1 + Math.exp(-logits.get(i)));
        }
        return scores;
    }

    /** {@return the name in lower case, such as {@code softmax}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
