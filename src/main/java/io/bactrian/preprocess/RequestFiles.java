package io.bactrian.preprocess;

import io.bactrian.format.Dialect;
import io.bactrian.format.JsonMemory;
import io.bactrian.format.JsonScanner;
import io.bactrian.limit.MemoryBudget;
import io.bactrian.pipeline.BodyText;
import io.bactrian.pipeline.ExchangeMemory;
import io.bactrian.pipeline.ItemErrors;
import io.bactrian.pipeline.MediaType;
import io.bactrian.pipeline.RejectedItems;
import io.bactrian.preprocess.table.ExampleMemory;
import io.bactrian.preprocess.table.JsonValues;
import io.bactrian.preprocess.table.SerializedExamples;
import io.bactrian.preprocess.table.TableFormat;
import io.bactrian.tensor.BadInputException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The files of a request, such as its images: one, or a list of them.
 *
 * @param list whether the request is a list
 * @param files the files, at least one
 * @param reserved what is reserved of the memory that they take beside the body
 */
record RequestFiles(boolean list, List<RequestFile> files, List<MemoryBudget.Reservation> reserved)
        implements AutoCloseable {

    /**
     * Where requests have their files.
     *
     * @param field the field of a JSON object or of a form, or the feature of an Example
     * @param maxFiles the most files that a request may have
     * @param noun what a file is, for errors, such as {@code image}
     * @param numbers whether a list of numbers is a file
     */
    record Place(String field, int maxFiles, String noun, boolean numbers) {

        Place(String field, int maxFiles, String noun) {
            this(field, maxFiles, noun, false);
        }

        private boolean isOneFile(Collection<?> items) {
            return numbers && !items.isEmpty() && items.iterator().next() instanceof Number;
        }
    }

    /**
     * {@return the files of a request}
     *
     * <ul>
     *   <li>JSON, as bytes of the media type or as {@code unmarshal: json} makes it: base64 in a
     *       field, a list in the field, or a list of objects with it or of base64; a list of
     *       numbers in place of base64, if that is a file;
     *   <li>{@code multipart/form-data}: the parts with the field's name, else all files;
     *   <li>{@code application/x-tfexample} or {@code application/x-tfrecord}: the feature of the
     *       field's name, of a {@code tf.train.Example} or of TFRecords of them;
     *   <li>{@code text/plain}, or any text that is no bytes: base64;
     *   <li>else bytes of any media type: the file itself.
     * </ul>
     *
     * <p>The memory that the files take is reserved until they are closed.
     *
     * @param exchange the exchange of the request
     * @param place where the files are
     * @throws BadInputException if there is none, or there are too many
     */
    static RequestFiles read(Exchange exchange, Place place) {
        List<MemoryBudget.Reservation> reserved = new ArrayList<>();
        try {
            RequestFiles read = read(exchange, place, reserved);
            long decoding = read.files.stream().mapToLong(RequestFile::workBytes).sum();
            reserved.add(ExchangeMemory.reserve(exchange, "decoding base64", decoding));
            return read;
        } catch (RuntimeException | Error e) {
            reserved.forEach(MemoryBudget.Reservation::close);
            throw e;
        }
    }

    private static RequestFiles read(
            Exchange exchange, Place place, List<MemoryBudget.Reservation> reserved) {
        Object body = exchange.getMessage().getBody();
        if (body instanceof Map || body instanceof Collection) {
            return ofJson(body, place, reserved);
        }
        String header = exchange.getMessage().getHeader(Exchange.CONTENT_TYPE, String.class);
        MediaType type = MediaType.of(header == null ? "" : header);
        if (type.name().equals("application/json") || type.name().endsWith("+json")) {
            byte[] json = BodyText.utf8(exchange, body);
            long bytes = JsonMemory.bytesAsObjects(json);
            reserved.add(ExchangeMemory.reserve(exchange, "reading this JSON", bytes));
            return ofJson(read(json), place, reserved);
        }
        if (TableFormat.isExamples(type)) {
            byte[] examples = BodyText.bytes(exchange, body);
            long bytes = ExampleMemory.bytes(examples);
            reserved.add(ExchangeMemory.reserve(exchange, "reading these Examples", bytes));
            return ofExamples(examples, place, reserved);
        }
        if (FormFiles.isForm(type)) {
            byte[] form = BodyText.bytes(exchange, body);
            // Each part's bytes, and as a text if it is no file.
            long bytes = 2L * form.length;
            reserved.add(ExchangeMemory.reserve(exchange, "reading this form", bytes));
            return ofForm(FormFiles.read(form, header, place), place, reserved);
        }
        boolean text = body instanceof String || type.name().equals("text/plain");
        Object content = text ? BodyText.of(exchange, body) : BodyText.bytes(exchange, body);
        return one(new RequestFile("", content), reserved);
    }

    @Override
    public void close() {
        reserved.forEach(MemoryBudget.Reservation::close);
    }

    private static @Nullable Object read(byte[] json) {
        if (json.length == 0) {
            throw new BadInputException("the body is empty: expected JSON");
        }
        JsonScanner scanner = new JsonScanner(json, Dialect.BACTRIAN);
        scanner.peekDocument();
        Object value = JsonValues.read(scanner);
        scanner.endDocument();
        return value;
    }

    private static RequestFiles one(RequestFile file, List<MemoryBudget.Reservation> reserved) {
        return new RequestFiles(false, List.of(file), reserved);
    }

    /**
     * {@return the collector of files that are wrong; it fails a request that is one file}
     *
     * @param policy what becomes of wrong files of a list
     */
    RejectedItems rejected(ItemErrors policy) {
        return new RejectedItems(list ? policy : ItemErrors.FAIL);
    }

    /** {@return files of Examples: a list if they are TFRecords, or there are several} */
    private static RequestFiles ofExamples(
            byte[] body, Place place, List<MemoryBudget.Reservation> reserved) {
        SerializedExamples examples = new SerializedExamples(body);
        List<RequestFile> files = ExampleFiles.read(examples, place);
        return new RequestFiles(examples.isList() || files.size() > 1, files, reserved);
    }

    /** {@return files of a form: a list if there are several} */
    private static RequestFiles ofForm(
            List<RequestFile> files, Place place, List<MemoryBudget.Reservation> reserved) {
        if (files.isEmpty()) {
            throw new BadInputException(
                    "the form has no file: expected one in the field \"" + place.field() + "\"");
        }
        return new RequestFiles(files.size() > 1, files, reserved);
    }

    private static RequestFiles ofJson(
            @Nullable Object body, Place place, List<MemoryBudget.Reservation> reserved) {
        if (body instanceof Collection<?> items && !place.isOneFile(items)) {
            return list(items, "body", Map.of(), place, reserved);
        }
        if (body instanceof String || body instanceof Collection || place.field().isEmpty()) {
            return one(new RequestFile("", body), reserved);
        }
        Object value = Preprocessor.field(body, place.field(), "\"…base64…\"");
        Map<?, ?> siblings = body instanceof Map<?, ?> object ? object : Map.of();
        return value instanceof Collection<?> items && !place.isOneFile(items)
                ? list(items, place.field(), siblings, place, reserved)
                : one(
                        new RequestFile("field \"" + place.field() + "\"", value, siblings),
                        reserved);
    }

    private static RequestFiles list(
            Collection<?> items,
            String name,
            Map<?, ?> siblings,
            Place place,
            List<MemoryBudget.Reservation> reserved) {
        if (items.isEmpty()) {
            throw new BadInputException(name + " is empty, expected at least one " + place.noun());
        }
        if (items.size() > place.maxFiles()) {
            throw tooMany(name, items.size(), place);
        }
        List<RequestFile> files = new ArrayList<>(items.size());
        for (Object item : items) {
            String at = name + "[" + files.size() + "]";
            files.add(
                    item instanceof Map<?, ?> object && object.containsKey(place.field())
                            ? new RequestFile(
                                    at + "." + place.field(), object.get(place.field()), object)
                            : new RequestFile(at, item, siblings));
        }
        return new RequestFiles(true, files, reserved);
    }

    static BadInputException tooMany(String name, int count, Place place) {
        return new BadInputException(
                name
                        + " has "
                        + count
                        + " "
                        + place.noun()
                        + "s, the most are "
                        + place.maxFiles());
    }
}
