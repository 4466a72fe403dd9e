package io.bactrian.scaffold;

import org.jspecify.annotations.Nullable;

/**
 * A request to try a pipeline with.
 *
 * @param contentType the media type of the body
 * @param body the body, if it is a short text; null if it is in the file
 * @param file the name of a file that the user has or makes
 */
public record SampleRequest(String contentType, @Nullable String body, String file) {

    /** {@return a request whose body is a short text} */
    static SampleRequest of(String contentType, String body) {
        return new SampleRequest(contentType, body, "");
    }

    /** {@return a request whose body is a file of the user's} */
    static SampleRequest ofFile(String contentType, String file) {
        return new SampleRequest(contentType, null, file);
    }

    /**
     * {@return the command line that sends the request to a server on this machine}
     *
     * @param pipeline the name of the pipeline
     */
    public String curl(String pipeline) {
        String data =
                body == null ? "--data-binary @" + file : "-d '" + body.replace("'", "'\\''") + "'";
        return "curl -s localhost:8080/models/"
                + pipeline
                + "/invoke -H 'Content-Type: "
                + contentType
                + "' "
                + data;
    }
}
