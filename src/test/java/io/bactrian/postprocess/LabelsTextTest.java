package io.bactrian.postprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bactrian.pipeline.PipelineFaultException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelsTextTest {

    private static Labels parse(String text, Charset charset) {
        return new LabelsText("labelsFile \"l.txt\"").parse(text.getBytes(charset));
    }

    private static String failure(String text, Charset charset) {
        return assertThrows(PipelineFaultException.class, () -> parse(text, charset)).getMessage();
    }

    /** Byte order mark, line endings and blank lines at the end do not matter. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "cat\ndog\nÉléphant",
                "cat\ndog\nÉléphant\n",
                "cat\r\ndog\r\nÉléphant\r\n",
                "cat\rdog\rÉléphant\r",
                "\ufeffcat\ndog\nÉléphant\n",
                "cat\ndog\nÉléphant\n\n  \n\t\n",
                "  cat \ndog\t\n Éléphant"
            })
    void linesAreNamesFromClassZeroOn(String text) {
        Labels labels = parse(text, StandardCharsets.UTF_8);
        labels.checkCount(3, "");
        assertEquals("cat", labels.name(0));
        assertEquals("dog", labels.name(1));
        assertEquals("Éléphant", labels.name(2));
        assertThrows(PipelineFaultException.class, () -> labels.checkCount(4, ""));
    }

    @Test
    void numberedLinesNameTheirClasses() {
        Labels labels = parse("13\tstop sign\r\n1\tperson\r\n\r\n", StandardCharsets.UTF_8);
        assertEquals("person", labels.name(1));
        assertEquals("stop sign", labels.name(13));
        assertNull(labels.name(0));
        labels.checkCount(90, "");
        labels.checkClass(5);
        assertEquals(
                "labelsFile \"l.txt\" names class 13 of 13 classes: y",
                assertThrows(PipelineFaultException.class, () -> labels.checkCount(13, "y"))
                        .getMessage());
    }

    /** Such as an ImageNet synset and its words. */
    @Test
    void tabWithoutANumberIsPartOfTheName() {
        assertEquals("n01440764\ttench", parse("n01440764\ttench", StandardCharsets.UTF_8).name(0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cat\\n\\ndog | : line 2 is blank: each line is the name of a class",
                "\\ncat | : line 1 is blank: each line is the name of a class",
                "1\\tcat\\n\\n2\\tdog | : line 2 is blank: each line is the name of a class",
                "1\\tcat\\n2 dog | : line 2 and line 1 are of two kinds: either every line has a class number and a tab, or none",
                "cat\\n1\\tdog | : line 2 and line 1 are of two kinds: either every line has a class number and a tab, or none",
                "1\\tcat\\n2\\tdog\\n1\\tcow | : line 3 names class 1 again, after \"cat\"",
                "1\\tcat\\n2\\t | : line 2 has no name behind its tab",
                "[\"cat\", \"dog\"] |  looks like JSON: give it a name that ends with .json",
                "{\\n  \"0\": \"cat\"\\n} |  looks like JSON: give it a name that ends with .json",
                "item {\\n  id: 1\\n} |  is a label map in protobuf's text format: write each class number, a tab and its name in a line"
            })
    void linesThatWouldShiftNamesAreRejected(String text, String message) {
        assertEquals(
                "labelsFile \"l.txt\"" + (message.startsWith(":") ? "" : " ") + message,
                failure(text.replace("\\n", "\n").replace("\\t", "\t"), StandardCharsets.UTF_8));
    }

    @Test
    void emptyFileIsRejected() {
        for (String text : new String[] {"", "\n", " \r\n", "\ufeff"}) {
            assertEquals("labelsFile \"l.txt\" is empty", failure(text, StandardCharsets.UTF_8));
        }
    }

    @Test
    void otherCharsetsAreRejected() {
        assertEquals(
                "labelsFile \"l.txt\": line 2 is not UTF-8 (byte 0xe9)",
                failure("cat\ncaf\u00e9\n", StandardCharsets.ISO_8859_1));
        assertEquals(
                "labelsFile \"l.txt\": line 3 is not UTF-8 (byte 0xe9)",
                failure("cat\r\ndog\r\n\u00e9\n", StandardCharsets.ISO_8859_1));
        assertEquals(
                "labelsFile \"l.txt\" is UTF-16: save it as UTF-8",
                failure("\ufeffcat\n", StandardCharsets.UTF_16LE));
        assertEquals(
                "labelsFile \"l.txt\" is UTF-16: save it as UTF-8",
                failure("cat\n", StandardCharsets.UTF_16));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"cat, dog, | 2", "cat,,dog | 1", "'' | 0", "' , cat' | 0"})
    void emptyNamesInThePropertyAreRejected(String labels, int position) {
        assertEquals(
                "labels: the name of class "
                        + position
                        + " is empty in \""
                        + labels
                        + "\"; it takes names with one comma between two of them",
                assertThrows(PipelineFaultException.class, () -> Labels.of(labels)).getMessage());
    }
}
