package io.bactrian.model;

import io.bactrian.tensor.DType;
import io.bactrian.tensor.HalfFloats;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The conversion of a padding value from text to an element of a tensor. */
final class PaddingElement {

    private PaddingElement() {}

    /**
     * {@return the element in native representation; for a string, its UTF-8 bytes}
     *
     * @param text a number, {@code true}, {@code false}, or any text for strings; empty for zero,
     *     false or the empty string
     * @throws IllegalArgumentException if {@code text} is not a value of the dtype
     */
    static byte[] of(DType dtype, String text) {
        if (dtype == DType.STRING) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        byte[] element = new byte[dtype.byteSize()];
        if (text.isBlank()) {
            return element;
        }
        String number = text.strip();
        ByteBuffer memory = ByteBuffer.wrap(element).order(ByteOrder.nativeOrder());
        try {
            switch (dtype) {
                case FLOAT32 -> memory.putFloat(Float.parseFloat(number));
                case FLOAT64 -> memory.putDouble(Double.parseDouble(number));
                case FLOAT16 -> memory.putShort(HalfFloats.toFloat16(Double.parseDouble(number)));
                case BFLOAT16 -> memory.putShort(HalfFloats.toBfloat16(Double.parseDouble(number)));
                case INT32 -> memory.putInt(Integer.parseInt(number));
                case INT64 -> memory.putLong(Long.parseLong(number));
                case UINT8 -> memory.put((byte) unsigned(number, 0xff));
                case UINT16 -> memory.putShort((short) unsigned(number, 0xffff));
                case BOOL -> memory.put((byte) (bool(number) ? 1 : 0));
                case STRING -> throw new IllegalStateException();
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "the padding value \"" + text + "\" is not a valid " + dtype, e);
        }
        return element;
    }

    private static int unsigned(String number, int max) {
        int value = Integer.parseInt(number);
        if (value < 0 || value > max) {
            throw new NumberFormatException(number);
        }
        return value;
    }

    private static boolean bool(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new NumberFormatException(text);
        }
        return text.equals("true");
    }
}
