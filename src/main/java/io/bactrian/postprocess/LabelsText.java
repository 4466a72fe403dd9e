package io.bactrian.postprocess;

import io.bactrian.pipeline.PipelineFaultException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parser of labels files: UTF-8, a name per line, that of class 0 first; or, where classes have
 * gaps, a class number, a tab and its name per line.
 *
 * <p>A byte order mark, any line ending and blank lines at the end are accepted. Anything that
 * would shift names to other classes is an error with the line number.
 */
final class LabelsText {

    private static final Pattern NUMBERED = Pattern.compile(" *(\\d{1,9}) *\t(.*)");

    private static final Pattern LABEL_MAP = Pattern.compile("item\\s*\\{?");

    /** The first line of a JSON list or object of several names; not {@code [PAD]}. */
    private static final Pattern JSON = Pattern.compile("[\\[{]\\s*(\".*)?");

    private final String source;

    /**
     * Creates a parser.
     *
     * @param source the property and the file, for messages
     */
    LabelsText(String source) {
        this.source = source;
    }

    /**
     * {@return the labels in a file}
     *
     * @throws PipelineFaultException if the file does not hold labels, naming the line
     */
    Labels parse(byte[] bytes) {
        List<String> lines = lines(decode(bytes));
        if (lines.isEmpty()) {
            throw wrong("is empty");
        }
        if (LABEL_MAP.matcher(lines.get(0).strip()).matches()) {
            throw wrong(
                    "is a label map in protobuf's text format: write each class number, a tab and"
                            + " its name in a line");
        }
        if (JSON.matcher(lines.get(0).strip()).matches()) {
            throw wrong("looks like JSON: give it a name that ends with .json");
        }
        return NUMBERED.matcher(lines.get(0)).matches() ? numbered(lines) : listed(lines);
    }

    private Labels listed(List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            if (NUMBERED.matcher(lines.get(i)).matches()) {
                throw mixed(i);
            }
        }
        return Labels.listed(source, lines.stream().map(String::strip).toList());
    }

    private Labels numbered(List<String> lines) {
        Map<Integer, String> names = new TreeMap<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher line = NUMBERED.matcher(lines.get(i));
            if (!line.matches()) {
                throw mixed(i);
            }
            String name = line.group(2).strip();
            if (name.isEmpty()) {
                throw wrong(i, "has no name behind its tab");
            }
            String before = names.put(Integer.valueOf(line.group(1)), name);
            if (before != null) {
                throw wrong(i, "names class " + line.group(1) + " again, after \"" + before + "\"");
            }
        }
        return Labels.numbered(source, names);
    }

    private List<String> lines(String text) {
        List<String> lines = new ArrayList<>(text.lines().toList());
        while (!lines.isEmpty() && lines.get(lines.size() - 1).isBlank()) {
            lines.remove(lines.size() - 1);
        }
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).isBlank()) {
                throw wrong(i, "is blank: each line is the name of a class");
            }
        }
        return lines;
    }

    private String decode(byte[] bytes) {
        if (bytes.length >= 2
                && ((bytes[0] == -1 && bytes[1] == -2) || (bytes[0] == -2 && bytes[1] == -1))) {
            throw wrong("is UTF-16: save it as UTF-8");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        String text = out.flip().toString();
        if (result.isError()) {
            // One more character, so that a line break at the end of the decoded text counts.
            throw wrong(
                    (int) (text + "?").lines().count() - 1,
                    "is not UTF-8 (byte 0x" + Integer.toHexString(in.get() & 0xff) + ")");
        }
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }

    private PipelineFaultException mixed(int line) {
        return wrong(
                line,
                "and line 1 are of two kinds: either every line has a class number and a tab, or"
                        + " none");
    }

    private PipelineFaultException wrong(int line, String what) {
        return wrong(": line " + (line + 1) + " " + what);
    }

    private PipelineFaultException wrong(String what) {
        return new PipelineFaultException(source + (what.startsWith(":") ? "" : " ") + what);
    }
}
