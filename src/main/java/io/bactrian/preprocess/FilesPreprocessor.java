package io.bactrian.preprocess;

import static java.util.Objects.requireNonNull;

import io.bactrian.limit.InsufficientMemoryException;
import io.bactrian.limit.OverloadedException;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.ModelTensor;
import io.bactrian.pipeline.PipelineFaultException;
import io.bactrian.pipeline.RejectedItems;
import io.bactrian.pipeline.RequestItems;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.StringTensors;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spi.Metadata;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * The preprocessor of files that the model's graph decodes itself: it makes a string tensor of
 * their bytes, of shape {@code [n]}, or of the rank that the model takes: {@code []} for a single
 * file, {@code [n, 1]}.
 *
 * <p>Body in: as for {@link ImagePreprocessor}, but a file may be of any kind.
 */
@Metadata(
        label = "bean",
        description =
                "Makes a string tensor of the bytes of a file, or of several in a request, for a"
                        + " model whose graph decodes them: of the body itself, of base64 in JSON, of a"
                        + " form, or of a feature of tf.train.Examples.",
        annotations = {"interfaceName=org.apache.camel.Processor"})
public final class FilesPreprocessor extends Preprocessor {

    private static final String NOUN = "file";

    /** What TensorFlow keeps of a string beside its bytes. */
    private static final int STRING_BYTES = 24;

    @Metadata(
            description =
                    "The field of a JSON object or of a form that has the file in base64, or a list"
                            + " of them, or the feature of tf.train.Examples. Empty: the JSON itself is")
    private String field = "file";

    @Metadata(description = "The most files that a request may have")
    private int maxFiles = 100;

    @Metadata(
            description =
                    "What a file that is wrong, as one that is empty or no base64, does to a request"
                            + " that is a list: FAIL it, or ANSWER it by {\"error\": \"…\"} in its"
                            + " place, and the other files as ever")
    private ItemErrors itemErrors = ItemErrors.FAIL;

    private volatile @Nullable ItemRank rank;

    /** {@return the field of a JSON object or form, or the feature, that has the files} */
    public String getField() {
        return field;
    }

    /**
     * Sets the field of a JSON object or form, or the feature, that has the files.
     *
     * @param field file by default; empty if the JSON itself is base64 or a list of it
     */
    public void setField(String field) {
        this.field = field;
    }

    /** {@return the most files that a request may have} */
    public int getMaxFiles() {
        return maxFiles;
    }

    /**
     * Sets the most files that a request may have.
     *
     * @param maxFiles 100 by default
     * @throws PipelineFaultException if it is less than 1
     */
    public void setMaxFiles(int maxFiles) {
        if (maxFiles < 1) {
            throw PipelineFaultException.property("maxFiles", "1 or more", maxFiles);
        }
        this.maxFiles = maxFiles;
    }

    /** {@return what a wrong file does to a request that is a list} */
    public ItemErrors getItemErrors() {
        return itemErrors;
    }

    /**
     * Sets what a wrong file does to a request that is a list.
     *
     * @param itemErrors {@link ItemErrors#FAIL} by default
     */
    public void setItemErrors(ItemErrors itemErrors) {
        this.itemErrors = itemErrors;
    }

    @Override
    protected void configure(List<ModelTensor> inputs) {
        rank = ItemRank.of(inputs, NOUN);
    }

    /**
     * {@inheritDoc}
     *
     * @throws BadInputException if a file is missing, empty, or no base64, or there are too many
     * @throws OverloadedException if other requests hold too much of the memory now
     * @throws InsufficientMemoryException if the files take more memory than there is
     */
    @Override
    protected TType tensor(Exchange exchange) {
        ItemRank current = requireNonNull(rank);
        RequestFiles.Place place = new RequestFiles.Place(field, maxFiles, NOUN);
        try (RequestFiles files = RequestFiles.read(exchange, place)) {
            RejectedItems rejected = files.rejected(itemErrors);
            RequestItems.setList(exchange, files.list());
            List<byte[]> contents = new ArrayList<>();
            long bytes = 0;
            for (int i = 0; i < files.files().size(); i++) {
                try {
                    byte[] content = content(files.files().get(i));
                    bytes += STRING_BYTES + content.length;
                    contents.add(content);
                } catch (BadInputException e) {
                    rejected.reject(i, e);
                }
            }
            rejected.keep(exchange, files.files().size());
            ExchangeMemory.reserve(exchange, "the tensor of the files", bytes);
            return StringTensors.of(
                    current.shape(contents.size()), contents.toArray(new byte[0][]));
        }
    }

    private static byte[] content(RequestFile file) {
        byte[] bytes = file.bytes();
        if (bytes.length == 0) {
            throw file.wrong("is empty");
        }
        return bytes;
    }
}
