package io.bactrian.preprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.limit.Deadline;
import io.bactrian.limit.DeadlineExceededException;
import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.ExchangeDeadline;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ExchangeTensors;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.preprocess.audio.AudioFeatures;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.testing.Exchanges;
import io.bactrian.testing.Signatures;
import io.bactrian.testing.TensorText;
import io.bactrian.testing.WavFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PropertyBindingSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AudioPreprocessorTest {

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final AudioPreprocessor audio = new AudioPreprocessor();

    @AfterEach
    void close() throws IOException {
        context.close();
    }

    private static byte[] silence(int samples) {
        return WavFiles.of(new int[samples]);
    }

    private String tensor(byte[] body) {
        return tensor(body, Deadline.none());
    }

    private String tensor(byte[] body, Deadline deadline) {
        Exchange exchange = new DefaultExchange(context);
        ExchangeDeadline.set(exchange, deadline);
        exchange.getMessage().setBody(body);
        try {
            audio.process(exchange);
            try (NamedTensors.Reference tensors = ExchangeTensors.read(exchange)) {
                return TensorText.of(tensors.select(null));
            }
        } finally {
            Exchanges.done(exchange);
        }
    }

    private String error(byte[] body) {
        long before = NamedTensors.open();
        String message = assertThrows(BadInputException.class, () -> tensor(body)).getMessage();
        assertEquals(before, NamedTensors.open());
        return message;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x float32 -1      | float32 [4] 4 -8 0 2",
                "x float32 1 -1    | float32 [1, 4] 4 -8 0 2",
                "x float32 -1 -1 1 | float32 [1, 4, 1] 4 -8 0 2",
                "x float32 -1 1    | float32 [4, 1] 4 -8 0 2",
                "x float32 1 2     | float32 [1, 2] 4 -8",
                "x float64 6       | float64 [6] 4 -8 0 2 0 0",
                "x int32 -1        | int32 [4] 4 -8 0 2",
                "x int64 -1 3      | int64 [1, 3] 4 -8 0",
                "x float32 ?       | float32 [1, 4] 4 -8 0 2",
            })
    void dimensionsDtypeAndLengthAreTheModels(String input, String expected) {
        audio.setFullScale(8.0);
        audio.bindInputs(List.of(Signatures.inputs(input)));

        assertEquals(expected, tensor(WavFiles.of(16384, -32768, 0, 8192)));
    }

    @Test
    void framesOfTheModelFixTheLength() {
        audio.setFeatures(AudioFeatures.FRAMES);
        audio.setFrameStep(1);
        audio.setFullScale(8.0);
        audio.bindInputs(List.of(Signatures.inputs("x float32 -1 3 2")));

        assertEquals("[1, 3, 2]", audio.fixedShape().toString());
        assertEquals("float32 [1, 3, 2] 4 -8 -8 0 0 0", tensor(WavFiles.of(16384, -32768)));
    }

    @Test
    void resampledIntegersStayInTheirRange() {
        audio.setSampleRate(16000);
        audio.bindInputs(List.of(Signatures.inputs("x int32 -1")));

        String tensor = tensor(WavFiles.of(32767, 32767, 32767, -32768, -32768, -32768));

        assertTrue(tensor.contains(" 32767 ") && !tensor.contains(" 32768"), tensor);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4  | 4 | 44   | its chunk \"RIFF\" declares 44 bytes, but 40 follow",
                "16 | 4 | 2000 | its chunk \"fmt \" declares 2000 bytes, but 28 follow",
                "16 | 4 | 14   | declares 287092 bytes, but 6 follow",
                "40 | 4 | 5    | its chunk \"data\" declares 5 bytes, but 4 follow",
                "40 | 4 | 3    | 3 bytes of data are not a multiple of the 2",
                "40 | 4 | 0    | has no samples",
                "36 | 1 | 68   | chunk \"data\" is missing or cut off",
                "22 | 2 | 0    | 0 channels, expected 1 to 64",
                "22 | 2 | 999  | 999 channels, expected 1 to 64",
                "24 | 4 | 0    | 0 samples per second, expected 1000 to 384000",
                "24 | 4 | -1   | 4294967295 samples per second, expected 1000 to 384000",
                "32 | 2 | 3    | it declares 3 bytes for the samples of a moment",
                "34 | 2 | 12   | PCM samples of 12 bits",
                "34 | 2 | 0    | PCM samples of 0 bits",
                "20 | 2 | 3    | floats of 16 bits",
                "20 | 2 | 7    | mu-law",
                "20 | 2 | 99   | the encoding 99",
                "20 | 2 | -2   | chunk \"fmt \" is missing or cut off",
                "12 | 1 | 70   | its data comes before its format",
            })
    void wrongHeaderIsAnError(int at, int size, int value, String expected) {
        byte[] file = WavFiles.of(1, 2);
        for (int i = 0; i < size; i++) {
            file[at + i] = (byte) (value >> (8 * i));
        }

        String message = error(file);
        assertTrue(message.contains(expected), message);
    }

    @Test
    void everyTruncationIsAnError() {
        byte[] file = WavFiles.of(1, 2, 3);
        for (int length = 0; length < file.length; length++) {
            error(Arrays.copyOf(file, length));
        }
    }

    @Test
    void sizesOfAStreamAreThoseOfTheBody() {
        audio.setFullScale(8.0);
        byte[] file = WavFiles.of(16384, 8192);
        ByteBuffer.wrap(file).putInt(4, -1).putInt(40, -1);

        assertEquals("float32 [1, 2] 4 2", tensor(file));
    }

    @ParameterizedTest
    @CsvSource({
        "fLaC, 'unsupported format, FLAC: send WAV'",
        "OggS, 'unsupported format, Ogg: send WAV'",
        "ID3, 'unsupported format, MP3: send WAV'",
        "RIFX____WAVE, 'unsupported format, big-endian WAV: send WAV'",
        "RIFF____WEBP, 'not audio of a known format: send WAV'",
        "{}, 'not audio of a known format: send WAV'",
    })
    void otherFormatsAreNamed(String body, String expected) {
        assertTrue(error(body.getBytes(StandardCharsets.US_ASCII)).contains(expected));
    }

    @Test
    void sampleThatIsNoNumberIsAnError() {
        byte[] file = WavFiles.of(0, 0);
        ByteBuffer header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort(20, (short) 3).putShort(32, (short) 4).putShort(34, (short) 32);
        header.putFloat(WavFiles.HEADER, Float.NaN);

        assertEquals("sample 0 of the WAV audio is NaN: not a number", error(file));
    }

    @Test
    void lengthIsLimited() {
        audio.setMaxSeconds(1);
        tensor(silence(8000));

        assertEquals("the audio has 1.000125 seconds: 1 is the limit", error(silence(8001)));
    }

    @Test
    void soundShorterThanAFrameIsAnError() {
        audio.setFeatures(AudioFeatures.SPECTROGRAM);
        audio.setFrameLength(4);
        audio.setFrameStep(2);

        assertEquals("the audio has 3 samples: a frame takes 4", error(silence(3)));
    }

    @Test
    void deadlineEndsTheWork() {
        assertThrows(
                DeadlineExceededException.class,
                () -> tensor(silence(8000), Deadline.after(Duration.ZERO)));
    }

    @Test
    void memoryIsReservedBeforeItIsUsed() {
        context.getRegistry().bind(ExchangeMemory.BUDGET, new MemoryBudget(1 << 20));
        audio.setSampleRate(384_000);
        tensor(silence(1000));

        assertThrows(InsufficientMemoryException.class, () -> tensor(silence(20_000)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "features=spectrogram                            | spectrogram needs frameLength",
                "features=frames,frameLength=4                   | frames needs frameStep",
                "features=mel,frameLength=8,frameStep=4          | mel needs sampleRate",
                "features=mel,frameLength=8,frameStep=4,sampleRate=4000 | upperHertz must be at most"
                        + " half of sampleRate, 2000.0, got 3800.0",
                "features=mfcc,frameLength=8,frameStep=4,sampleRate=8000,coefficients=21 |"
                        + " coefficients must be from 1 to bands, 20, got 21",
                "features=spectrogram,frameLength=8,frameStep=4,fftLength=4 | fftLength must be from"
                        + " frameLength, 8, to 65536, got 4",
                "features=spectrogram,frameLength=8,frameStep=4,length=7 | length is 7, less than"
                        + " frameLength, 8",
                "features=spectrogram,frameLength=8,frameStep=4,dtype=int32 | dtype must be float32"
                        + " or float64, got int32",
                "dtype=uint8                                     | dtype must be float32, float64,"
                        + " int32 or int64, got uint8",
                "power=3                                         | power must be from 1 to 2, got 3",
                "sampleRate=10                                   | sampleRate must be from 1000 to"
                        + " 384000, got 10",
                "fullScale=0                                     | fullScale must be a positive",
            })
    void wrongPropertiesAreFaultsAtStart(String properties, String expected) {
        Exception fault = assertThrows(Exception.class, () -> start(properties));
        StringBuilder messages = new StringBuilder();
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            messages.append(cause.getMessage()).append('\n');
        }
        assertTrue(messages.toString().contains(expected), messages.toString());
    }

    private void start(String properties) {
        for (String property : properties.split(",")) {
            String[] pair = property.split("=");
            PropertyBindingSupport.build().bind(context, audio, pair[0], pair[1]);
        }
        audio.start();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "5 |             | x float32 1 4     | length is 5, but input \"x\"",
                "  |             | x float32 2 4     | makes [samples], [sounds, samples] or",
                "  |             | x string -1       | dtype is float32, but input \"x\"",
                "  | SPECTROGRAM | x float32 1 -1 6  | the number of frequencies is 5, but input",
                "9 | SPECTROGRAM | x float32 1 2 5   | length is 9, which makes 1 frames, but input",
                "  | SPECTROGRAM | x float32 -1      | makes [frames, columns], [sounds, frames,",
            })
    void contradictionToTheModelIsAFaultAtStart(
            Integer length, AudioFeatures features, String input, String expected) {
        audio.setLength(length);
        audio.setFeatures(features == null ? AudioFeatures.WAVEFORM : features);
        audio.setFrameLength(8);
        audio.setFrameStep(4);

        String message =
                assertThrows(
                                PipelineFaultException.class,
                                () -> audio.bindInputs(List.of(Signatures.inputs(input))))
                        .getMessage();
        assertTrue(message.contains(expected), message);
    }
}
