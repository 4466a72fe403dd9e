package io.bactrian.preprocess;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.TfRecordReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.proto.Example;
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
     * @param body a serialized Example, or TFRecords of them
     * @param place the feature's name, and how many files there may be
     * @throws BadInputException if it is neither, if an Example has no such file, or if there are
     *     too many
     */
    static List<RequestFile> read(byte[] body, RequestFiles.Place place) {
        ExampleFiles read = new ExampleFiles(place);
        if (!isRecords(body)) {
            read.add("the body", body);
            return read.files;
        }
        int index = 0;
        try (TfRecordReader records =
                new TfRecordReader(new ByteArrayInputStream(body), body.length)) {
            for (; records.hasNext(); index++) {
                read.add("record " + index, records.next());
            }
        } catch (IOException e) {
            throw new BadInputException("record " + index + " of the TFRecords: " + e.getMessage());
        }
        return read.files;
    }

    static boolean isRecords(byte[] body) {
        return TfRecordReader.isTfRecord(ByteBuffer.wrap(body));
    }

    private void add(String name, byte[] serialized) {
        Feature feature;
        try {
            feature =
                    Example.parseFrom(serialized)
                            .getFeatures()
                            .getFeatureOrDefault(place.field(), Feature.getDefaultInstance());
        } catch (InvalidProtocolBufferException e) {
            throw new BadInputException(name + " is not a serialized tf.train.Example");
        }
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
