package io.bactrian.preprocess.image;

import io.bactrian.tensor.DType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A mode of {@code keras.applications.imagenet_utils.preprocess_input}. */
public enum KerasMode {
    /** From -1 to 1: MobileNet, InceptionV3, Xception, NASNet, ResNetV2. */
    TF(1 / 127.5, ChannelOrder.RGB, new double[] {1, 1, 1}, new double[] {1, 1, 1}),
    /** Blue, green, red minus their means in ImageNet: ResNet, VGG16, VGG19. */
    CAFFE(1, ChannelOrder.BGR, new double[] {123.68, 116.779, 103.939}, new double[] {1, 1, 1}),
    /** ImageNet's means and standard deviations: DenseNet. */
    TORCH(
            1 / 255.0,
            ChannelOrder.RGB,
            new double[] {0.485, 0.456, 0.406},
            new double[] {0.229, 0.224, 0.225});

    private final double scale;
    private final ChannelOrder order;

    @SuppressWarnings("ImmutableEnumChecker") // Never changed.
    private final double[] mean;

    @SuppressWarnings("ImmutableEnumChecker") // Never changed.
    private final double[] std;

    KerasMode(double scale, ChannelOrder order, double[] mean, double[] std) {
        this.scale = scale;
        this.order = order;
        this.mean = mean;
        this.std = std;
    }

    /** {@return the order of the channels} */
    public ChannelOrder order() {
        return order;
    }

    /**
     * {@return the normalization of this mode}
     *
     * @param dtype the tensor's dtype
     * @param quantization how a quantized model represents the result; null if it is not quantized
     */
    public Normalization normalization(
            DType dtype, Normalization.@Nullable Quantization quantization) {
        return new Normalization(dtype, scale, mean, std, quantization);
    }

    /** {@return the name in lower case} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
