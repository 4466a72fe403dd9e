package io.bactrian.preprocess.table;

import com.google.protobuf.InvalidProtocolBufferException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.TfRecordReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.Example;

/**
 * The serialized {@code tf.train.Example}s of a body, one after the other: the body itself, or
 * those of TFRecords.
 *
 * <p>Not thread-safe.
 */
public final class SerializedExamples {

    /** The records; null for a message without the framing of TFRecords. */
    private final @Nullable TfRecordReader records;

    private byte[] current;
    private int index = -1;

    /**
     * Goes before the first Example.
     *
     * @param body the message or the TFRecords
     */
    public SerializedExamples(byte[] body) {
        this.records =
                TfRecordReader.isTfRecord(body)
                        ? new TfRecordReader(new ByteArrayInputStream(body), body.length)
                        : null;
        this.current = body;
    }

    /** {@return whether the body is TFRecords, even of one Example} */
    public boolean isList() {
        return records != null;
    }

    /**
     * Goes to the next Example.
     *
     * @return false if there is none
     * @throws BadInputException if the TFRecords are truncated or damaged, naming the record
     */
    public boolean advance() {
        index++;
        if (records == null) {
            return index == 0;
        }
        if (!records.hasNext()) {
            return false;
        }
        try {
            current = records.next();
        } catch (IOException e) {
            throw new BadInputException("record " + index + " of the TFRecords: " + e.getMessage());
        }
        return true;
    }

    /** {@return the current Example as it came, which nobody changes} */
    public byte[] bytes() {
        return current;
    }

    /** {@return the current Example for errors: {@code the body}, or such as {@code record 3}} */
    public String name() {
        return records == null ? "the body" : "record " + index;
    }

    /**
     * {@return the current Example}
     *
     * @throws BadInputException if it is none
     */
    public Example parse() {
        try {
            return Example.parseFrom(current);
        } catch (InvalidProtocolBufferException e) {
            throw new BadInputException(name() + " is not a serialized tf.train.Example");
        }
    }
}
