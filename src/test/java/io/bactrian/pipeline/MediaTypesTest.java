package io.bactrian.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.Charset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    void listIncludesContentType(String list, String contentType, boolean expected) {
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
        "application/json, 'application/json; q=nonsense', application/json",
        "application/json, 'application/json; q=NaN', application/json",
        "application/json, 'application/json; q=-1', application/json",
        "application/json, 'application/json; q=0.000', ",
        "application/json, 'application/json;Q=0', ",
        "application/json, 'text/html;q=1, application/json;q=0.001', application/json",
        "application/json, 'application/json; charset=utf-8', application/json",
        "application/json, 'APPLICATION/JSON', application/json",
        "application/json, ' , ,application/json,', application/json",
        "application/json, ',;q=1', application/json",
        "application/json, nonsense, ",
        "application/json, json, ",
        "application/json, 'text/html;x=\", */*', ",
        "application/json, 'text/html;x=\"a,b;q=0\\\"c\";q=0.1, */*;q=0.5', application/json",
        "application/json, 'application/*;q=0, */*', ",
        "application/json, '*/*;q=0.9, application/*;q=0', ",
        "application/json, 'application/json;q=0.5, application/*;q=0', application/json",
        "'text/plain,application/json', 'application/json, text/plain', text/plain",
        "'text/plain,application/json', 'text/*;q=0.4, application/*;q=0.5', application/json",
        "text/plain; charset=utf-8, , text/plain; charset=utf-8",
        "text/plain; charset=utf-8, */*, text/plain; charset=utf-8",
        "text/plain; charset=utf-8, text/plain, text/plain; charset=utf-8",
        "text/plain; charset=utf-8, 'text/plain;charset=UTF-8', text/plain; charset=utf-8",
        "text/plain; charset=utf-8, 'text/plain;charset=\"utf-8\"', text/plain; charset=utf-8",
        "text/plain; charset=utf-8, text/plain; charset=iso-8859-1, ",
        "'text/plain; format=fixed, text/plain; format=flowed', 'text/plain;q=0.5, text/plain; format=flowed', text/plain; format=flowed",
        "'application/json, application/json;verbose=true', application/json, application/json",
        "'application/json, application/json;verbose=true', */*, application/json",
        "'application/json, application/json;verbose=true', application/json;verbose=true, application/json; verbose=true",
        "*/*, , ",
        "*/*, */*, ",
        "*/*, image/*, ",
        "*/*, 'text/csv;q=0.5, */*;q=0.1', text/csv",
        "*/*, 'text/csv;header=absent;q=0.5', text/csv; header=absent",
        "image/*, image/png, image/png",
        "image/*, 'image/png;q=0.2, image/webp;q=0.3, text/html', image/webp",
        "image/*, text/html, ",
        "'application/json, */*', text/csv, text/csv",
        "'application/json, */*', */*, application/json",
        "'', application/json, "
    })
    void bestTypeIsChosenByAccept(String produced, String accept, String expected) {
        assertEquals(expected, MediaTypes.of(produced).choose(accept));
    }

    @ParameterizedTest
    @CsvSource({
        "application/json, , true",
        "application/json, ' ', true",
        "application/json, text/html, false",
        "application/json, nonsense, false",
        "application/json, 'application/json;q=0, */*', false",
        "*/*, , true",
        "*/*, */*, true",
        "*/*, text/*, true",
        "*/*, text/csv, true",
        "*/*, text/csv;q=0, false",
        "image/*, , true",
        "image/*, */*, true",
        "image/*, image/*, true",
        "image/*, image/png, true",
        "image/*, text/*, false",
        "image/*, text/csv, false",
        "'', text/html, true"
    })
    void acceptCanOrCannotBeSatisfied(String produced, String accept, boolean expected) {
        assertEquals(expected, MediaTypes.of(produced).canSatisfy(accept));
    }

    /** A header line has at most 8 KB, but the number of lines is not limited. */
    @Test
    void longAcceptIsParsedInLinearTime() {
        String accept = "text/html;q=0.5,".repeat(100_000) + "application/json";
        assertEquals("application/json", MediaTypes.of("application/json").choose(accept));
        String quotes = "\"\\".repeat(100_000);
        assertEquals(null, MediaTypes.of("application/json").choose(quotes));
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain; charset=iso-8859-1, ISO-8859-1",
        "'text/plain; charset=\"ISO-8859-1\"', ISO-8859-1",
        "TEXT/PLAIN;CHARSET=Latin1, ISO-8859-1",
        "'text/csv; header=present; charset=windows-1252; x=y', windows-1252",
        "application/json; charset=utf-16, UTF-16",
        "application/json; charset=utf-8, UTF-8",
        "application/problem+json; charset=utf8, UTF-8",
        "application/xml;charset=us-ascii, US-ASCII",
        "application/jsonlines;charset=utf-16le, UTF-16LE",
        "text/plain; charset=utf-8; charset=iso-8859-1, UTF-8",
        "'text/plain; x=\"charset=utf-16\"', ",
        "text/plain; charset=, ",
        "text/plain; charset, ",
        "text/plain, ",
        "image/png; charset=bogus, ",
        "application/octet-stream; charset=utf-16, "
    })
    void charsetIsParsed(String contentType, String expected) {
        Charset charset = MediaType.of(contentType).charset();
        assertEquals(expected, charset == null ? null : charset.name());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain; charset=bogus",
                "application/json; charset=\" \"",
                "text/csv; charset=\"utf-8\\\"\"",
                "text/csv; charset=../../etc/passwd"
            })
    void unknownCharsetIsRejected(String contentType) {
        assertThrows(
                UnsupportedMediaTypeException.class, () -> MediaType.of(contentType).charset());
    }

    @ParameterizedTest
    @CsvSource({
        "'Text/Plain ; Charset = \"utf-8\" ;q=0.2', text/plain; charset=utf-8",
        "'a/b; x=\"p q\\\"r\"', 'a/b; x=\"p q\\\"r\"'",
        "'a/b; x; =y; z=', 'a/b; z=\"\"'"
    })
    void mediaTypeIsNormalized(String given, String expected) {
        assertEquals(expected, MediaType.of(given).toString());
    }

    @ParameterizedTest
    @CsvSource({"'image/*,image/png', image/png", "image/*, ", "'', "})
    void firstTypeWithoutWildcardIsReturned(String list, String expected) {
        assertEquals(expected, MediaTypes.of(list).first());
    }
}
