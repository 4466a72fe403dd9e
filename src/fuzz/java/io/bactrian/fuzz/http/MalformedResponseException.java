package io.bactrian.fuzz.http;

import java.io.IOException;

/** Says that what the server sent is no HTTP response. */
final class MalformedResponseException extends IOException {

    MalformedResponseException(String message) {
        super(message);
    }
}
