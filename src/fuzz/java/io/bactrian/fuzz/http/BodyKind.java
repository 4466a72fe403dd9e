package io.bactrian.fuzz.http;

/** What a request's body is made of. */
enum BodyKind {
    JSON,
    BINARY,
    TEXT
}
