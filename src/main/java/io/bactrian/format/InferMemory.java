package io.bactrian.format;

import io.bactrian.tensor.DType;
import java.util.function.LongConsumer;

/**
 * The memory that reading an {@link InferRequest} takes, as far as is known. JSON may be read into
 * tensors of several dtypes; the bound for each is that of all the JSON, which is counted once.
 */
final class InferMemory {

    private final byte[] body;
    private final int jsonLength;
    private final LongConsumer reserve;
    private long fixed;
    private long numbers;
    private long strings;

    /**
     * @param body begins with the JSON
     * @param jsonLength in bytes
     * @param reserve called with the total before it is allocated
     */
    InferMemory(byte[] body, int jsonLength, LongConsumer reserve) {
        this.body = body;
        this.jsonLength = jsonLength;
        this.reserve = reserve;
    }

    /** Adds what an input or output takes that is not read from JSON. */
    void addFixed(long bytes) {
        fixed += bytes;
        reserve.accept(fixed + numbers + strings);
    }

    /** Adds what an input takes whose elements are read from JSON. */
    void addJson(DType dtype) {
        if (dtype == DType.STRING) {
            if (strings == 0) {
                strings = JsonMemory.bytesAsTensor(body, 0, jsonLength, dtype);
            }
        } else {
            numbers = Math.max(numbers, JsonMemory.bytesAsTensor(body, 0, jsonLength, dtype));
        }
        reserve.accept(fixed + numbers + strings);
    }
}
