package io.bactrian.preprocess;

import io.bactrian.pipeline.MediaType;
import io.bactrian.tensor.BadInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.fileupload.FileItemIterator;
import org.apache.commons.fileupload.FileItemStream;
import org.apache.commons.fileupload.FileUpload;
import org.apache.commons.fileupload.FileUploadException;
import org.apache.commons.fileupload.UploadContext;
import org.jspecify.annotations.Nullable;

/** The files of a form, {@code multipart/form-data} (RFC 7578), which is in memory. */
final class FormFiles {

    private static final String TYPE = "multipart/form-data";

    /** A form may have other fields beside its files. */
    private static final int MAX_FIELDS = 100;

    private static final int MAX_HEADER = 8192;

    private FormFiles() {}

    static boolean isForm(MediaType type) {
        return type.name().equals(TYPE);
    }

    /**
     * {@return the files in the fields of the name, else all files}
     *
     * @param form the body
     * @param contentType the body's content type, with the boundary
     * @param place the field's name, and how many files there may be
     * @throws BadInputException if it is no form, or has too many files or fields
     */
    static List<RequestFile> read(
            byte[] form, @Nullable String contentType, RequestFiles.Place place) {
        FileUpload upload = new FileUpload();
        upload.setPartHeaderSizeMax(MAX_HEADER);
        List<RequestFile> named = new ArrayList<>();
        List<RequestFile> others = new ArrayList<>();
        int fields = 0;
        try {
            FileItemIterator parts = upload.getItemIterator(new Body(form, contentType));
            if (!parts.hasNext()) {
                throw noForm();
            }
            while (parts.hasNext()) {
                FileItemStream part = parts.next();
                boolean isNamed = place.field().equals(part.getFieldName());
                if (!isNamed && part.isFormField()) {
                    if (++fields > MAX_FIELDS) {
                        throw new BadInputException(
                                "the form has more than " + MAX_FIELDS + " fields");
                    }
                    continue;
                }
                List<RequestFile> files = isNamed ? named : others;
                if (files.size() == place.maxFiles()) {
                    throw RequestFiles.tooMany("the form", files.size() + 1, place);
                }
                files.add(file(part, files.size()));
            }
        } catch (FileUploadException | IOException e) {
            throw noForm();
        }
        return named.isEmpty() ? others : named;
    }

    private static BadInputException noForm() {
        return new BadInputException(
                "the body is not complete " + TYPE + " with the boundary of its content type");
    }

    /** {@return a part: a file, or a text in base64} */
    private static RequestFile file(FileItemStream part, int index) throws IOException {
        String name = "file " + index + " of the form, \"" + part.getFieldName() + "\"";
        try (InputStream content = part.openStream()) {
            byte[] bytes = content.readAllBytes();
            return new RequestFile(
                    name,
                    part.isFormField() ? new String(bytes, StandardCharsets.ISO_8859_1) : bytes);
        }
    }

    /** A body in memory. */
    private record Body(byte[] form, @Nullable String contentType) implements UploadContext {

        @Override
        public String getCharacterEncoding() {
            return StandardCharsets.UTF_8.name();
        }

        @Override
        public @Nullable String getContentType() {
            return contentType;
        }

        @Override
        @Deprecated
        public int getContentLength() {
            return form.length;
        }

        @Override
        public long contentLength() {
            return form.length;
        }

        @Override
        public InputStream getInputStream() {
            return new ByteArrayInputStream(form);
        }
    }
}
