package io.bactrian.preprocess.image;

import io.bactrian.session.GraphTensors;
import io.bactrian.session.RunOutputs;
import io.bactrian.session.SessionRunner;
import io.bactrian.tensor.NativeMemory;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.image.DecodeJpeg;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * TensorFlow's JPEG decoder: libjpeg-turbo, which Pillow uses too. The pixels are read in place,
 * from the native memory of its output.
 *
 * <p>All callers share one small graph and session. They are created when the first image is
 * decoded, and without options: the first session of a process determines the size of TensorFlow's
 * thread pools, and should be a model's. The decoder itself runs on the calling thread.
 */
final class NativeDecoder {

    private static final String ENCODED = "encoded";

    /** An encoding and the channels to decode to. */
    enum Codec {
        JPEG_GRAY,
        JPEG_RGB
    }

    private static final class Holder {

        static final SessionRunner RUNNER;
        static final GraphTensors FEED;
        static final Map<Codec, GraphTensors> FETCHES = new EnumMap<>(Codec.class);

        static {
            Graph graph = graph();
            RUNNER = new SessionRunner(new Session(graph));
            FEED = GraphTensors.named(graph, List.of(ENCODED));
            for (Codec codec : Codec.values()) {
                FETCHES.put(codec, GraphTensors.named(graph, List.of(codec.name())));
            }
        }

        private Holder() {}

        private static Graph graph() {
            Graph graph = new Graph();
            Ops tf = Ops.create(graph);
            Operand<TString> encoded =
                    tf.withName(ENCODED)
                            .placeholder(TString.class, Placeholder.shape(Shape.scalar()));
            for (Codec codec : Codec.values()) {
                Ops named = tf.withName(codec.name());
                switch (codec) {
                    case JPEG_GRAY -> jpeg(named, encoded, 1);
                    case JPEG_RGB -> jpeg(named, encoded, 3);
                }
            }
            return graph;
        }

        /** Uses Pillow's settings of libjpeg: accurate inverse DCT and smooth chroma upsampling. */
        private static void jpeg(Ops tf, Operand<TString> encoded, long channels) {
            tf.image.decodeJpeg(
                    encoded,
                    DecodeJpeg.channels(channels),
                    DecodeJpeg.dctMethod("INTEGER_ACCURATE"),
                    DecodeJpeg.fancyUpscaling(true),
                    DecodeJpeg.tryRecoverTruncated(false));
        }
    }

    private NativeDecoder() {}

    /**
     * {@return the decoded pixels in native memory, which the caller must close}
     *
     * @throws io.bactrian.session.SessionRunException if the data is truncated or corrupt
     */
    static Pixels decode(Codec codec, byte[] bytes) {
        try (TString encoded = TString.tensorOfBytes(NdArrays.scalarOfObject(bytes));
                RunOutputs decoded =
                        Holder.RUNNER.run(
                                Holder.FEED,
                                List.of(encoded),
                                Objects.requireNonNull(Holder.FETCHES.get(codec)))) {
            return new Pixels(decoded.take(0));
        }
    }

    /** A decoder's output: a uint8 tensor of shape [height, width, channels]. */
    static final class Pixels implements AutoCloseable {

        private final TType tensor;

        private Pixels(TType tensor) {
            this.tensor = tensor;
        }

        int height() {
            return (int) tensor.shape().get(0);
        }

        int width() {
            return (int) tensor.shape().get(1);
        }

        int channels() {
            return (int) tensor.shape().get(2);
        }

        /** {@return the tensor's memory, which must not be read once this is closed} */
        ByteBuffer memory() {
            return NativeMemory.of(tensor);
        }

        /** {@return an image that owns this memory} */
        DecodedImage asImage() {
            return new InterleavedImage(width(), height(), channels(), memory(), this::close);
        }

        @Override
        public void close() {
            tensor.close();
        }
    }
}
