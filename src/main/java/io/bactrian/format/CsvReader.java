package io.bactrian.format;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.bactrian.tensor.BadInputException;
import io.bactrian.tensor.DType;
import io.bactrian.tensor.TensorBuffer;
import io.bactrian.tensor.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.family.TType;

/**
 * The reader of a tensor from CSV without a header: a row for each record, which all have as many
 * fields as the first. Empty lines are skipped. Records of one field make a tensor of rank 1,
 * unless the signature says rank 2; others one of rank 2.
 *
 * <p>Numbers may have white space around them; nan, inf and infinity are floats. bool is true,
 * false, 1 or 0. A string is the field as it is.
 */
final class CsvReader {

    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?+(?:\\d++\\.?+\\d*+|\\.\\d++)(?:[eE][+-]?+\\d++)?+");

    private static final Pattern INTEGER = Pattern.compile("[+-]?+\\d{1,20}+");

    /** As much of a field as an error repeats. */
    private static final int EXCERPT = 40;

    private final TensorBuffer elements;

    private CsvReader(DType dtype) {
        this.elements = new TensorBuffer(dtype);
    }

    /**
     * {@return a tensor that the caller must close}
     *
     * @param csv the text in UTF-8
     * @param input the input to be read
     * @throws BadInputException if it is not CSV, ragged, empty, or a field is not of the dtype
     */
    static TType read(byte[] csv, TensorSpec input) {
        return new CsvReader(input.dtype()).read(csv, input.shape());
    }

    private TType read(byte[] csv, Shape declared) {
        int rows = 0;
        int columns = 0;
        try (CloseableIterator<CsvRecord> records = records(csv)) {
            while (records.hasNext()) {
                CsvRecord record = records.next();
                int count = record.getFieldCount();
                if (rows == 0) {
                    columns = count;
                } else if (count != columns) {
                    throw new BadInputException(
                            where(rows, record) + " has " + count + " values, expected " + columns);
                }
                for (int column = 0; column < count; column++) {
                    String field = record.getField(column);
                    if (!add(field)) {
                        throw new BadInputException(
                                where(rows, record)
                                        + ", column "
                                        + column
                                        + " must be "
                                        + elements.dtype()
                                        + ", got \""
                                        + excerpt(field)
                                        + "\"");
                    }
                }
                rows++;
            }
        } catch (CsvParseException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new BadInputException("the body is not CSV: " + cause.getMessage());
        } catch (IOException e) {
            throw new IllegalStateException("reading an array failed", e);
        }
        if (rows == 0) {
            throw new BadInputException("the body has no rows");
        }
        boolean isColumn = columns == 1 && declared.numDimensions() != 2;
        return elements.build(isColumn ? Shape.of(rows) : Shape.of(rows, columns));
    }

    private static CloseableIterator<CsvRecord> records(byte[] csv) {
        // Trimming has a parser of its own. The other one, of 4.1.0, drops a record whose last
        // field begins with a carriage return in quotes.
        return de.siegmar.fastcsv.reader.CsvReader.builder()
                .skipEmptyLines(true)
                .trimWhitespacesAroundQuotes(true)
                .allowExtraFields(true)
                .allowMissingFields(true)
                .ofCsvRecord(new String(csv, StandardCharsets.UTF_8))
                .iterator();
    }

    private static String where(int row, CsvRecord record) {
        return "row " + row + " (line " + record.getStartingLineNumber() + ")";
    }

    private static String excerpt(String field) {
        return field.length() <= EXCERPT ? field : field.substring(0, EXCERPT) + "…";
    }

    private boolean add(String field) {
        String plain = field.strip();
        switch (elements.dtype()) {
            case STRING -> elements.addString(field.getBytes(StandardCharsets.UTF_8));
            case BOOL -> {
                return addBoolean(plain.toLowerCase(Locale.ROOT));
            }
            case UINT8, UINT16, INT32, INT64 -> {
                return addInteger(plain);
            }
            case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> {
                return addFloat(plain);
            }
        }
        return true;
    }

    private boolean addBoolean(String plain) {
        boolean value = plain.equals("true") || plain.equals("1");
        if (!value && !plain.equals("false") && !plain.equals("0")) {
            return false;
        }
        elements.addBoolean(value);
        return true;
    }

    private boolean addInteger(String plain) {
        if (!INTEGER.matcher(plain).matches()) {
            return false;
        }
        try {
            return elements.addInteger(Long.parseLong(plain));
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private boolean addFloat(String plain) {
        String number = plain;
        if (!DECIMAL.matcher(plain).matches()) {
            switch (plain.toLowerCase(Locale.ROOT)) {
                case "nan" -> number = "NaN";
                case "inf", "+inf", "infinity", "+infinity" -> number = "Infinity";
                case "-inf", "-infinity" -> number = "-Infinity";
                default -> {
                    return false;
                }
            }
        }
        if (elements.dtype() == DType.FLOAT32) {
            // Rounded once.
            elements.addFloat(Float.parseFloat(number));
        } else {
            elements.addDouble(Double.parseDouble(number));
        }
        return true;
    }
}
