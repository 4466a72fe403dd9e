package io.bactrian.preprocess;

import com.google.protobuf.ByteString;
import io.bactrian.preprocess.table.SerializedExamples;
import io.bactrian.tensor.BadInputException;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.proto.Feature;

/** The files in a feature of {@code tf.train.Example}s, such as {@code image/encoded}. */
final class ExampleFiles {

    private final RequestFiles.Place place;
    private final List<RequestFile> files = new ArrayList<>();

    private ExampleFiles(RequestFiles.Place place) {
        this.place = place;
    }

    /**
     * {@return the files of all Examples}
     *
     * @param examples the Examples
     * @param place the feature's name, and how many files there may be
     * @throws BadInputException if one is no Example or has no such file, or there are too many
     */
    static List<RequestFile> read(SerializedExamples examples, RequestFiles.Place place) {
        ExampleFiles read = new ExampleFiles(place);
        while (examples.advance()) {
            read.add(examples);
        }
        return read.files;
    }

    private void add(SerializedExamples examples) {
        Feature feature =
                examples.parse()
                        .getFeatures()
                        .getFeatureOrDefault(place.field(), Feature.getDefaultInstance());
        String name = examples.name();
        String at = "feature \"" + place.field() + "\" of " + name;
        if (feature.getBytesList().getValueCount() == 0) {
            throw new BadInputException(
                    at
                            + switch (feature.getKindCase()) {
                                case KIND_NOT_SET -> " is missing";
                                case BYTES_LIST -> " is empty, expected a " + place.noun();
                                case FLOAT_LIST, INT64_LIST ->
                                        " holds numbers, expected the bytes of a " + place.noun();
                            });
        }
        for (ByteString file : feature.getBytesList().getValueList()) {
            if (files.size() == place.maxFiles()) {
                throw RequestFiles.tooMany("the body", files.size() + 1, place);
            }
            files.add(new RequestFile(at, file.toByteArray()));
        }
    }
}
