package io.bactrian.format;

import io.bactrian.pipeline.NotAcceptableException;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.NamedTensors;
import io.bactrian.tensor.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.tensorflow.types.family.TType;

/**
 * The data format {@code npz}: numpy's .npz archive, a .npy file for each input and output by its
 * name, as {@code numpy.savez} writes it. The array of a model's only input may also have the name
 * that numpy gives an array without one, {@code arr_0}.
 */
public final class NpzFormat extends StreamFormat {

    private static final String EXTENSION = ".npy";
    private static final String UNNAMED_ARRAY = "arr_0";
    private static final int FIRST_BYTES = 8192;

    /** The earliest time a zip entry can have, so that equal tensors are equal bytes. */
    private static final LocalDateTime ENTRY_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    /** Creates a data format, as Camel does for each step that uses it. */
    public NpzFormat() {
        super("npz", "application/x-npz");
    }

    @Override
    protected boolean isText() {
        return false;
    }

    @Override
    protected PredictRequest read(
            InputStream body,
            Function<@Nullable String, Map<String, TensorSpec>> inputsOf,
            ReadingMemory memory)
            throws IOException {
        Set<String> expected = inputsOf.apply(null).keySet();
        Set<String> found = new HashSet<>();
        ZipInputStream zip = new ZipInputStream(body);
        long tensorBytes = 0;
        try (NamedTensors.Builder tensors = NamedTensors.builder()) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String name = inputName(entry.getName(), expected);
                if (!found.add(name)) {
                    throw fault("\"" + name + "\" is there twice");
                }
                byte[] npy = readEntry(zip, tensorBytes, memory);
                try {
                    tensorBytes += NpyReader.readingBytes(npy);
                    memory.reserve(tensorBytes + npy.length);
                    tensors.put(name, NpyReader.read(npy));
                } catch (BadInputException e) {
                    throw new BadInputException("array \"" + name + "\": " + e.getMessage());
                }
            }
            if (found.isEmpty()) {
                throw fault("it has no arrays");
            }
            return new PredictRequest(null, PredictLayout.ROW, tensors.build());
        } catch (ZipException e) {
            throw fault(String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            // From the zip reader: the name of an entry is not UTF-8.
            throw fault("the name of an array is not UTF-8");
        }
    }

    private static String inputName(String file, Set<String> expected) {
        String name =
                file.endsWith(EXTENSION)
                        ? file.substring(0, file.length() - EXTENSION.length())
                        : file;
        if (expected.contains(name)) {
            return name;
        }
        if (name.equals(UNNAMED_ARRAY) && expected.size() == 1) {
            return expected.iterator().next();
        }
        // The name is not repeated: it is the client's, of any length.
        throw fault("an array is no input's: the model takes " + expected);
    }

    /** Inflates an entry, whose size is known only then, into memory that is reserved before. */
    private static byte[] readEntry(ZipInputStream zip, long tensorBytes, ReadingMemory memory)
            throws IOException {
        byte[] bytes = new byte[FIRST_BYTES];
        int size = 0;
        while (true) {
            int count = zip.readNBytes(bytes, size, bytes.length - size);
            size += count;
            if (size < bytes.length) {
                return Arrays.copyOf(bytes, size);
            }
            if (bytes.length > Integer.MAX_VALUE / 2) {
                throw fault("an array of more than 1 GiB");
            }
            // The old array, the new one, and the copy of the right size.
            memory.reserve(tensorBytes + 4L * bytes.length);
            bytes = Arrays.copyOf(bytes, 2 * bytes.length);
        }
    }

    @Override
    protected byte[] write(Map<String, TType> outputs, PredictLayout layout) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, TType> output : outputs.entrySet()) {
                byte[] npy = NpyWriter.write(output.getValue());
                CRC32 checksum = new CRC32();
                checksum.update(npy);
                ZipEntry entry = new ZipEntry(output.getKey() + EXTENSION);
                entry.setTimeLocal(ENTRY_TIME);
                // As numpy.savez: most tensors hardly compress.
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(npy.length);
                entry.setCrc(checksum.getValue());
                zip.putNextEntry(entry);
                zip.write(npy);
            }
        } catch (IllegalArgumentException e) {
            throw new NotAcceptableException(
                    mediaType()
                            + " can't hold "
                            + e.getMessage()
                            + ": accept "
                            + TensorFlowJsonFormat.MEDIA_TYPE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static BadInputException fault(String reason) {
        return new BadInputException("not a readable .npz: " + reason);
    }
}
