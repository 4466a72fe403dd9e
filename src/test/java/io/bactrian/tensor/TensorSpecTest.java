package io.bactrian.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;

class TensorSpecTest {

    private static TensorSpec spec(String name, String tensorName, DType dtype, Shape shape) {
        return new TensorSpec(name, tensorName, dtype.dataType(), shape);
    }

    private static TensorSpec floats(Shape shape) {
        return spec("x", "serving_default_x:0", DType.FLOAT32, shape);
    }

    @Test
    void shapesWithUnknownSizesAreEqual() {
        TensorSpec spec = floats(Shape.of(-1, 4));

        assertEquals(spec, floats(Shape.of(-1, 4)));
        assertEquals(spec.hashCode(), floats(Shape.of(-1, 4)).hashCode());
        assertNotEquals(spec, floats(Shape.of(-1, 5)));
        assertNotEquals(spec, floats(Shape.of(1, 4)));
        assertNotEquals(spec, floats(Shape.of(-1)));
        assertNotEquals(spec, floats(Shape.unknown()));
    }

    @Test
    void unknownRanksAreEqual() {
        assertEquals(floats(Shape.unknown()), floats(Shape.unknown()));
        assertEquals(floats(Shape.unknown()).hashCode(), floats(Shape.unknown()).hashCode());
        assertNotEquals(floats(Shape.unknown()), floats(Shape.scalar()));
    }

    @Test
    void interchangeableTensorsMayHaveOtherNamesInTheirGraphs() {
        TensorSpec spec = floats(Shape.of(-1, 4));
        TensorSpec renamed = spec("x", "other_x:0", DType.FLOAT32, Shape.of(-1, 4));

        assertNotEquals(spec, renamed);
        assertTrue(spec.isInterchangeableWith(renamed));
        assertFalse(
                spec.isInterchangeableWith(
                        spec("y", "serving_default_x:0", DType.FLOAT32, Shape.of(-1, 4))));
        assertFalse(
                spec.isInterchangeableWith(
                        spec("x", "serving_default_x:0", DType.FLOAT64, Shape.of(-1, 4))));
    }
}
