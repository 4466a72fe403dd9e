package io.bactrian.bench.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** One matrix of numbers as a request in each format, which is to be answered in the same one. */
final class FormatRequests {

    private static final int NPY_ALIGNMENT = 64;
    private static final String JSON = "application/json";

    private final int rows;
    private final int columns;
    private final float[] numbers;
    private final String model;

    FormatRequests(String model, int rows, int columns) {
        this.model = model;
        this.rows = rows;
        this.columns = columns;
        this.numbers = new float[rows * columns];
        Random random = new Random(1);
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = random.nextFloat();
        }
    }

    /** {@return the requests by the name of their format} */
    Map<String, Call> calls() throws IOException {
        Map<String, Call> calls = new LinkedHashMap<>();
        calls.put("JSON", invoke(JSON, text("{\"instances\":[[", "],[", "]]}")));
        calls.put("JSON Lines", invoke("application/jsonlines", text("[", "]\n[", "]\n")));
        calls.put("CSV", invoke("text/csv", text("", "\n", "\n")));
        calls.put(".npy", invoke("application/x-npy", npy()));
        calls.put(".npz", invoke("application/x-npz", npz()));
        String flat = new String(text(",\"data\":[", ",", "]}]}"), StandardCharsets.US_ASCII);
        calls.put("Open Inference Protocol, JSON", infer("", utf8("{" + input() + flat)));
        calls.put("Open Inference Protocol, binary", binary());
        return calls;
    }

    private Call invoke(String type, byte[] body) {
        return Call.post("/models/" + model + "/invoke", type, "Accept: " + type + "\r\n", body);
    }

    private Call infer(String headers, byte[] body) {
        return Call.post("/v2/models/" + model + "/infer", JSON, headers, body);
    }

    private Call binary() {
        byte[] head =
                utf8(
                        "{\"parameters\":{\"binary_data_output\":true},"
                                + input()
                                + ",\"parameters\":{\"binary_data_size\":"
                                + Float.BYTES * numbers.length
                                + "}}]}");
        byte[] data = littleEndian();
        byte[] body = ByteBuffer.allocate(head.length + data.length).put(head).put(data).array();
        return infer("Inference-Header-Content-Length: " + head.length + "\r\n", body);
    }

    private String input() {
        return "\"inputs\":[{\"name\":\"x\",\"shape\":["
                + rows
                + ","
                + columns
                + "],\"datatype\":\"FP32\"";
    }

    /** The numbers with commas between, and something else between rows. */
    private byte[] text(String start, String between, String end) {
        StringJoiner text = new StringJoiner(between, start, end);
        for (int row = 0; row < rows; row++) {
            StringJoiner values = new StringJoiner(",");
            for (int column = 0; column < columns; column++) {
                values.add(Float.toString(numbers[row * columns + column]));
            }
            text.add(values.toString());
        }
        return utf8(text.toString());
    }

    private byte[] npy() {
        String header =
                "{'descr': '<f4', 'fortran_order': False, 'shape': ("
                        + rows
                        + ", "
                        + columns
                        + ")}";
        int start = 10;
        int padded =
                (start + header.length() + NPY_ALIGNMENT) / NPY_ALIGNMENT * NPY_ALIGNMENT - start;
        ByteBuffer file =
                ByteBuffer.allocate(start + padded + Float.BYTES * numbers.length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 0x93).put(utf8("NUMPY")).put((byte) 1).put((byte) 0);
        file.putShort((short) padded);
        file.put(utf8(header + " ".repeat(padded - header.length() - 1) + "\n"));
        return file.put(littleEndian()).array();
    }

    /** Not compressed, as numpy.savez writes it. */
    private byte[] npz() throws IOException {
        byte[] npy = npy();
        CRC32 checksum = new CRC32();
        checksum.update(npy);
        ZipEntry entry = new ZipEntry("x.npy");
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(npy.length);
        entry.setCrc(checksum.getValue());
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.putNextEntry(entry);
            zip.write(npy);
        }
        return file.toByteArray();
    }

    private byte[] littleEndian() {
        ByteBuffer bytes =
                ByteBuffer.allocate(Float.BYTES * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(numbers);
        return bytes.array();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
