package io.bactrian.model;

import com.google.protobuf.BoolValue;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Int64Value;
import com.google.protobuf.StringValue;
import com.google.protobuf.WrappersProto;

/**
 * The schema of {@link BatchingParametersFile}: TensorFlow Serving's message {@code
 * BatchingParameters} and two fields of Bactrian's. Fields have presence, so that a file can
 * override a setting with its zero value.
 */
final class BatchingParametersProto {

    static final String MAX_BATCH_SIZE = "max_batch_size";
    static final String BATCH_TIMEOUT_MICROS = "batch_timeout_micros";
    static final String MAX_ENQUEUED_BATCHES = "max_enqueued_batches";
    static final String NUM_BATCH_THREADS = "num_batch_threads";
    static final String ALLOWED_BATCH_SIZES = "allowed_batch_sizes";
    static final String PAD_VARIABLE_LENGTH_INPUTS = "pad_variable_length_inputs";
    static final String ENABLE_BATCHING = "enable_batching";
    static final String PADDING_VALUE = "padding_value";

    static final Descriptor DESCRIPTOR = descriptor();

    private BatchingParametersProto() {}

    private static Descriptor descriptor() {
        String int64 = Int64Value.getDescriptor().getFullName();
        DescriptorProto.Builder message =
                DescriptorProto.newBuilder().setName("BatchingParameters");
        wrapper(message, 1, MAX_BATCH_SIZE, int64);
        wrapper(message, 2, BATCH_TIMEOUT_MICROS, int64);
        wrapper(message, 3, MAX_ENQUEUED_BATCHES, int64);
        wrapper(message, 4, NUM_BATCH_THREADS, int64);
        wrapper(message, 5, "thread_pool_name", StringValue.getDescriptor().getFullName());
        field(message, 6, ALLOWED_BATCH_SIZES, FieldDescriptorProto.Type.TYPE_INT64)
                .setLabel(Label.LABEL_REPEATED);
        field(message, 7, PAD_VARIABLE_LENGTH_INPUTS, FieldDescriptorProto.Type.TYPE_BOOL);
        wrapper(message, 8, "max_execution_batch_size", int64);
        wrapper(
                message,
                9,
                "enable_large_batch_splitting",
                BoolValue.getDescriptor().getFullName());
        // The text format has no field numbers: these two are only unused ones.
        field(message, 1001, ENABLE_BATCHING, FieldDescriptorProto.Type.TYPE_BOOL);
        field(message, 1002, PADDING_VALUE, FieldDescriptorProto.Type.TYPE_STRING);
        FileDescriptorProto file =
                FileDescriptorProto.newBuilder()
                        .setName("batching_parameters.proto")
                        .setPackage("tensorflow.serving")
                        .setSyntax("proto2")
                        .addDependency(WrappersProto.getDescriptor().getName())
                        .addMessageType(message)
                        .build();
        try {
            return FileDescriptor.buildFrom(
                            file, new FileDescriptor[] {WrappersProto.getDescriptor()})
                    .findMessageTypeByName("BatchingParameters");
        } catch (DescriptorValidationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static FieldDescriptorProto.Builder field(
            DescriptorProto.Builder message,
            int number,
            String name,
            FieldDescriptorProto.Type type) {
        return message.addFieldBuilder()
                .setName(name)
                .setNumber(number)
                .setType(type)
                .setLabel(Label.LABEL_OPTIONAL);
    }

    private static void wrapper(
            DescriptorProto.Builder message, int number, String name, String type) {
        field(message, number, name, FieldDescriptorProto.Type.TYPE_MESSAGE)
                .setTypeName("." + type);
    }
}
