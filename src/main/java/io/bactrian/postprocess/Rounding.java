package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Rounding to a number of decimal places as by Python's round: to the nearest, ties to even. */
final class Rounding {

    private static final int MAX_PLACES = 15;

    private Rounding() {}

    /**
     * {@return the value of a property {@code round}}
     *
     * @param places null for no rounding
     * @throws PipelineFaultException below 0 or above 15
     */
    static @Nullable Integer places(@Nullable Integer places) {
        if (places != null && (places < 0 || places > MAX_PLACES)) {
            throw PipelineFaultException.property("round", "from 0 to " + MAX_PLACES, places);
        }
        return places;
    }

    /**
     * {@return the rounded number, a whole one for 0 places; itself if it is whole or not finite}
     *
     * @param places null for no rounding
     */
    static Number round(Number number, @Nullable Integer places) {
        if (places == null || number instanceof Long || !Double.isFinite(number.doubleValue())) {
            return number;
        }
        BigDecimal rounded =
                new BigDecimal(number.doubleValue()).setScale(places, RoundingMode.HALF_EVEN);
        return places == 0 ? (Number) rounded.toBigInteger() : (Number) rounded.doubleValue();
    }
}
