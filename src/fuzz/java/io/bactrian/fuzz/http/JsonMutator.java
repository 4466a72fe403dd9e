package io.bactrian.fuzz.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Changes a JSON text token by token, so that much of it stays JSON. */
final class JsonMutator {

    private static final int MAX_CHANGES = 4;
    private static final int MAX_DEPTH = 20_000;

    private static final Pattern TOKEN =
            Pattern.compile("\"[^\"]*\"|-?\\d[\\d.eE+-]*|true|false|null|[\\[\\]{},:]");

    private static final String[] TOKENS = {
        "null",
        "true",
        "0",
        "-0",
        "-0.0",
        "1e999",
        "-1e999",
        "1e-999",
        "1e309",
        "3.5e38",
        "NaN",
        "Infinity",
        "-Infinity",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "2147483648",
        "256",
        "-1",
        "1.0000000000000000000000000000000000000000000000000000001",
        "0." + "0".repeat(400) + "1",
        "1" + "0".repeat(400),
        "1e2147483648",
        "1e-99999999999999999999",
        "01",
        "1.",
        ".5",
        "+1",
        "0x10",
        "\"\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\\uD83D\\uDE00\"",
        "\"\\x\"",
        "\"a\nb\"",
        "\"\t\"",
        "\"" + "x".repeat(3000) + "\"",
        "{\"b64\":\"\"}",
        "{\"b64\":\"AAECAw==\"}",
        "{\"b64\":\"AAECAw\"}",
        "{\"b64\":\"=\"}",
        "{\"b64\":\"A\u00e9\"}",
        "{\"b64\":5}",
        "{\"b64\":\"AA==\",\"b64\":\"AQ==\"}",
        "{}",
        "[]",
        "[[]]",
        "[[],[1]]",
        "[1,[2]]",
        "{\"signature_name\":\"serve\"}",
        "\"signature_name\"",
        "\"instances\"",
        "\"inputs\"",
        "\"serving_default\"",
        "/* comment */",
        "// comment\n",
        "\ufeff",
        "\u2028",
        "'text'",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":"
    };

    private final Random random;

    JsonMutator(Random random) {
        this.random = random;
    }

    byte[] mutate(byte[] json) {
        String text = new String(json, StandardCharsets.UTF_8);
        int changes = 1 + random.nextInt(MAX_CHANGES);
        for (int i = 0; i < changes; i++) {
            text = change(text);
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private String change(String text) {
        List<MatchResult> tokens = new ArrayList<>(TOKEN.matcher(text).results().toList());
        if (tokens.isEmpty()) {
            return text + other();
        }
        MatchResult token = tokens.get(random.nextInt(tokens.size()));
        String before = text.substring(0, token.start());
        String after = text.substring(token.end());
        switch (random.nextInt(10)) {
            case 0, 1, 2:
                return before + other() + after;
            case 3:
                return before + after;
            case 4:
                return before + token.group() + token.group() + after;
            case 5:
                return before + other() + token.group() + after;
            case 6:
                return before + nested(token.group()) + after;
            case 7:
                MatchResult second = tokens.get(random.nextInt(tokens.size()));
                return text.substring(0, token.end()) + text.substring(second.start());
            case 8:
                return text + "\n" + (random.nextBoolean() ? text : other());
            default:
                return before + " \r\n\t".repeat(random.nextInt(40)) + token.group() + after;
        }
    }

    private String nested(String token) {
        int depth = random.nextInt(4) == 0 ? random.nextInt(MAX_DEPTH) : random.nextInt(9);
        String open = random.nextInt(3) == 0 ? "{\"a\":" : "[";
        String close = open.equals("[") ? "]" : "}";
        return open.repeat(depth) + token + close.repeat(random.nextInt(8) == 0 ? 0 : depth);
    }

    private String other() {
        return TOKENS[random.nextInt(TOKENS.length)];
    }
}
