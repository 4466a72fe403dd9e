package io.bactrian.postprocess;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.NumericElements;

/** The scores in an output, in row-major order, after the activation if there is one. */
interface Scores {

    double get(int index);

    /** {@return the score with all the digits of the dtype that it was computed in} */
    Number exact(int index);

    /** {@return the elements of an output, which must stay open} */
    static Scores of(NumericElements elements) {
        return new Scores() {
            @Override
            public double get(int index) {
                return elements.get(index);
            }

            @Override
            public Number exact(int index) {
                return elements.exact(index);
            }
        };
    }

    static Scores of(float[] scores) {
        return new Scores() {
            @Override
            public double get(int index) {
                return scores[index];
            }

            @Override
            public Number exact(int index) {
                return scores[index];
            }
        };
    }

    static Scores of(double[] scores) {
        return new Scores() {
            @Override
            public double get(int index) {
                return scores[index];
            }

            @Override
            public Number exact(int index) {
                return scores[index];
            }
        };
    }

    /** {@return whether elements are read as float32: float32, float16 and bfloat16} */
    static boolean isFloat32(NumericElements elements) {
        DType dtype = elements.dtype();
        return dtype == DType.FLOAT32 || dtype == DType.FLOAT16 || dtype == DType.BFLOAT16;
    }
}
