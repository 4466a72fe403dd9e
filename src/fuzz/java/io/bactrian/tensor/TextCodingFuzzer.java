package io.bactrian.tensor;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** UTF-8 and base64 are what the JDK's decoders take. */
public final class TextCodingFuzzer {

    private TextCodingFuzzer() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        if (Utf8.isValid(bytes) != decodes(bytes)) {
            throw new IllegalStateException("UTF-8 is judged differently");
        }
        byte[] decoded = Base64Strings.decode(bytes);
        if (decoded != null) {
            byte[] again = Base64Strings.decode(Base64.getEncoder().encode(decoded));
            if (!Arrays.equals(decoded, again)) {
                throw new IllegalStateException("base64 is read differently");
            }
        }
        byte[] encoded = Base64.getEncoder().encode(bytes);
        if (!Arrays.equals(bytes, Base64Strings.decode(encoded))) {
            throw new IllegalStateException("base64 is not read");
        }
    }

    private static boolean decodes(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
