package io.bactrian.preprocess.table;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.bactrian.tensor.BadInputException;
import java.io.IOException;

/**
 * An upper bound on the memory that serialized {@code tf.train.Example}s take as objects and as
 * tensors, by the lengths in them.
 */
public final class ExampleMemory {

    /** A number in the message's list and in the tensor, each in an array that grows. */
    private static final int NUMBER = 32;

    /** A ByteString, the text or array made of it, and the string in the tensor. */
    private static final int STRING = 192;

    /** A byte of a string in the record, the ByteString, the text or array, and the tensor. */
    private static final int CHARACTER = 6;

    /** A feature, the entry of the map that it is in, and its name. */
    private static final int FEATURE = 256;

    // The nesting of example.proto and feature.proto.
    private static final int FEATURES = 1;
    private static final int FEATURE_ENTRY = 2;
    private static final int FEATURE_VALUE = 3;
    private static final int LIST = 4;

    // The field numbers of a Feature's lists, and of the value in a map's entry.
    private static final int BYTES_LIST = 1;
    private static final int FLOAT_LIST = 2;
    private static final int ENTRY_VALUE = 2;

    private ExampleMemory() {}

    /**
     * {@return the most bytes that the Examples take; of a damaged body, those before the damage}
     *
     * @param bytes a serialized {@code tf.train.Example}, or TFRecords of them
     */
    public static long bytes(byte[] bytes) {
        SerializedExamples examples = new SerializedExamples(bytes);
        long sum = 0;
        try {
            while (examples.advance()) {
                sum += ofExample(CodedInputStream.newInstance(examples.bytes()));
            }
        } catch (BadInputException e) {
            return sum;
        }
        return sum;
    }

    private static long ofExample(CodedInputStream example) {
        long[] sum = {0};
        try {
            addMessage(example, FEATURES, sum);
        } catch (IOException e) {
            return sum[0];
        }
        return sum[0];
    }

    /** Adds what the fields of a message take whose own fields are at a level of the nesting. */
    private static void addMessage(CodedInputStream in, int level, long[] sum) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int number = WireFormat.getTagFieldNumber(tag);
            boolean delimited =
                    WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
            if (!delimited || (level == FEATURE_VALUE && number != ENTRY_VALUE)) {
                in.skipField(tag);
                continue;
            }
            sum[0] += level == FEATURE_ENTRY ? FEATURE : 0;
            int length = in.readRawVarint32();
            int outer = in.pushLimit(length);
            if (level == LIST) {
                sum[0] += ofList(in, number, length);
            } else {
                addMessage(in, level + 1, sum);
            }
            in.popLimit(outer);
        }
    }

    private static long ofList(CodedInputStream in, int kind, int length) throws IOException {
        long sum = 0;
        if (kind == BYTES_LIST) {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                in.skipField(tag);
                sum += STRING;
            }
            return sum + (long) CHARACTER * length;
        }
        in.skipRawBytes(length);
        return (kind == FLOAT_LIST ? length / Float.BYTES : (long) length) * NUMBER;
    }
}
