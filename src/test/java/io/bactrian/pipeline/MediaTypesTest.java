package io.bactrian.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaTypesTest {

    @ParameterizedTest
    @CsvSource({
        "application/json, application/json, true",
        "application/json, Application/JSON; charset=utf-8, true",
        "application/json, application/x-www-form-urlencoded, false",
        "application/json, application/jsonlines, false",
        "'application/octet-stream,image/*', image/png, true",
        "'application/octet-stream, image/*', application/octet-stream, true",
        "'application/octet-stream,image/*', imagery/png, false",
        "'application/octet-stream,image/*', text/plain, false",
        "*/*, text/plain, true",
        "'', text/plain, true"
    })
    void includes(String list, String contentType, boolean expected) {
        assertEquals(expected, MediaTypes.of(list).includes(contentType));
    }

    @ParameterizedTest
    @CsvSource({
        "application/json, , application/json",
        "application/json, '', application/json",
        "application/json, */*, application/json",
        "application/json, application/*, application/json",
        "application/json, 'text/html, application/json;q=0.1', application/json",
        "application/json, text/html, ",
        "application/json, application/json;q=0, ",
        "application/json, '*/*, application/json;q=0', ",
        "'application/json,application/x-npy', application/x-npy, application/x-npy",
        "'application/json,application/x-npy', '*/*', application/json",
        "'application/json,application/x-npy', 'application/json;q=0.2, application/x-npy;q=0.9', application/x-npy",
        "'application/json,application/x-npy', '*/*;q=0.5, application/x-npy', application/x-npy",
        "application/json, 'application/json; q=nonsense', application/json"
    })
    void chooses(String produced, String accept, String expected) {
        assertEquals(expected, MediaTypes.of(produced).choose(accept));
    }

    @ParameterizedTest
    @CsvSource({"'image/*,image/png', image/png", "image/*, ", "'', "})
    void first(String list, String expected) {
        assertEquals(expected, MediaTypes.of(list).first());
    }
}
