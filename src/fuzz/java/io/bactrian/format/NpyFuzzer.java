package io.bactrian.format;

import io.bactrian.fuzz.NativeLeaks;
import io.bactrian.tensor.BadInputException;
import java.util.Arrays;
import org.tensorflow.types.family.TType;

/** Any bytes are an npy file or are refused; what is read is written and read again the same. */
public final class NpyFuzzer {

    private static final NativeLeaks LEAKS = new NativeLeaks();

    private NpyFuzzer() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        try (TType tensor = NpyReader.read(bytes)) {
            byte[] written = NpyWriter.write(tensor);
            try (TType again = NpyReader.read(written)) {
                if (!again.shape().equals(tensor.shape())
                        || !Arrays.equals(written, NpyWriter.write(again))) {
                    throw new IllegalStateException("what was written is read differently");
                }
            } catch (BadInputException e) {
                throw new IllegalStateException("what was written is refused", e);
            }
        } catch (BadInputException e) {
            // Refused.
        }
        LEAKS.check();
    }
}
