package io.bactrian.model;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.bactrian.tensor.TfRecordReader;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.TensorProto;

/**
 * The reader of a SavedModel's own warm-up requests in TensorFlow Serving's format: a TFRecord file
 * of {@code tensorflow.serving.PredictionLog} messages.
 */
final class WarmUpRequests implements Closeable {

    /** The path of the file in a SavedModel. */
    static final String FILE = "assets.extra/tf_serving_warmup_requests";

    /** The maximum number of records, as in TensorFlow Serving. */
    static final int MAX_RECORDS = 1000;

    /**
     * A {@code Predict} request.
     *
     * @param signature the signature's name; empty for the default
     * @param inputs the tensors by input name
     */
    record Request(String signature, Map<String, TensorProto> inputs) {}

    // Field numbers of prediction_log.proto, predict.proto and model.proto.
    private static final int LOG_PREDICT = 6;
    private static final int PREDICT_REQUEST = 1;
    private static final int REQUEST_MODEL = 1;
    private static final int REQUEST_INPUTS = 2;
    private static final int MODEL_SIGNATURE = 3;
    private static final int ENTRY_KEY = 1;
    private static final int ENTRY_VALUE = 2;

    private final TfRecordReader records;

    private WarmUpRequests(TfRecordReader records) {
        this.records = records;
    }

    /** {@return the requests of the SavedModel in {@code directory}, or null if it has none} */
    static @Nullable WarmUpRequests open(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        return Files.exists(file)
                ? new WarmUpRequests(
                        new TfRecordReader(
                                new BufferedInputStream(Files.newInputStream(file)),
                                Files.size(file)))
                : null;
    }

    /** {@return whether there is another record} */
    boolean hasNext() {
        return records.hasNext();
    }

    /**
     * Reads the next record.
     *
     * @return the request; null for a record of another kind than {@code Predict}
     * @throws IOException if the file is damaged
     */
    @Nullable Request next() throws IOException {
        byte[] record = records.next();
        try {
            return request(record);
        } catch (InvalidProtocolBufferException e) {
            throw new IOException("a record is not a PredictionLog: " + e.getMessage(), e);
        }
    }

    private static @Nullable Request request(byte[] record) throws IOException {
        ByteString predict = field(CodedInputStream.newInstance(record), LOG_PREDICT);
        if (predict == null) {
            return null;
        }
        ByteString request = field(predict.newCodedInput(), PREDICT_REQUEST);
        String signature = "";
        Map<String, TensorProto> inputs = new TreeMap<>();
        CodedInputStream in = (request == null ? ByteString.EMPTY : request).newCodedInput();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case REQUEST_MODEL -> {
                    ByteString name = field(in.readBytes().newCodedInput(), MODEL_SIGNATURE);
                    signature = name == null ? "" : name.toStringUtf8();
                }
                case REQUEST_INPUTS -> {
                    ByteString entry = in.readBytes();
                    ByteString name = field(entry.newCodedInput(), ENTRY_KEY);
                    ByteString value = field(entry.newCodedInput(), ENTRY_VALUE);
                    inputs.put(
                            name == null ? "" : name.toStringUtf8(),
                            value == null
                                    ? TensorProto.getDefaultInstance()
                                    : TensorProto.parseFrom(value));
                }
                default -> in.skipField(tag);
            }
        }
        return new Request(signature, inputs);
    }

    /** {@return the last occurrence of a message or string field, or null} */
    private static @Nullable ByteString field(CodedInputStream message, int number)
            throws IOException {
        ByteString found = null;
        for (int tag = message.readTag(); tag != 0; tag = message.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == number) {
                found = message.readBytes();
            } else {
                message.skipField(tag);
            }
        }
        return found;
    }

    @Override
    public void close() throws IOException {
        records.close();
    }
}
