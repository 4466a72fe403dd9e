package io.bactrian.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Draws throughput and p99 over the number of connections, a row of two panels a workload. */
final class Plot {

    private static final int WIDTH = 760;
    private static final int ROW = 230;
    private static final int PANEL_WIDTH = 290;
    private static final int PANEL_HEIGHT = 150;
    private static final int LEFT = 60;
    private static final int TOP = 46;
    private static final int GAP = 80;
    private static final String[] COLORS = {"#0b6e4f", "#c8553d", "#7d5ba6"};
    private static final String[] DASHES = {"", "6 3", "2 3"};

    private final List<Row> rows = new ArrayList<>();

    /** A server's throughput and p99 by connections. */
    record Line(String name, Map<Integer, Double> rates, Map<Integer, Double> p99s) {}

    private record Row(String title, double raw, List<Line> lines) {}

    void row(String title, double rawRate, List<Line> lines) {
        rows.add(new Row(title, rawRate, lines));
    }

    void write(Path file) throws IOException {
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"sans-serif\" font-size=\"11\" fill=\"#222\">",
                WIDTH,
                ROW * rows.size() + 10);
        add(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>");
        for (int i = 0; i < rows.size(); i++) {
            draw(svg, rows.get(i), i * ROW);
        }
        add(svg, "</svg>");
        Files.writeString(file, svg);
    }

    private static void draw(StringBuilder svg, Row row, int y) {
        add(
                svg,
                "<text x=\"%d\" y=\"%d\" font-size=\"13\" font-weight=\"bold\">%s</text>",
                LEFT,
                y + 18,
                row.title);
        int legend = LEFT;
        for (int i = 0; i < row.lines.size(); i++) {
            String name = row.lines.get(i).name();
            stroke(svg, i, String.format("M%d %d h22", legend, y + 30));
            add(svg, "<text x=\"%d\" y=\"%d\">%s</text>", legend + 27, y + 34, name);
            legend += 45 + 6 * name.length();
        }
        panel(svg, row, LEFT, y + TOP, "requests a second", false);
        panel(svg, row, LEFT + PANEL_WIDTH + GAP, y + TOP, "p99, ms", true);
    }

    private static void panel(
            StringBuilder svg, Row row, int x, int y, String unit, boolean latency) {
        List<Map<Integer, Double>> curves =
                row.lines.stream()
                        .map(line -> positive(latency ? line.p99s() : line.rates()))
                        .toList();
        TreeMap<Integer, Boolean> connections = new TreeMap<>();
        double most = latency ? 0 : row.raw;
        double least = Double.MAX_VALUE;
        for (Map<Integer, Double> curve : curves) {
            for (Map.Entry<Integer, Double> point : curve.entrySet()) {
                connections.put(point.getKey(), true);
                most = Math.max(most, point.getValue());
                least = Math.min(least, point.getValue());
            }
        }
        // Both scales logarithmic where servers differ by orders of magnitude.
        boolean logarithmic = latency || most / least > 30;
        double bottom = logarithmic ? Math.pow(10, Math.floor(Math.log10(least))) : 0;
        double top = logarithmic ? Math.pow(10, Math.ceil(Math.log10(most))) : step(most) * 5;
        double low = Math.log(connections.firstKey());
        double high = Math.max(low + 1e-9, Math.log(connections.lastKey()));
        add(
                svg,
                "<path d=\"M%d %d v%d h%d\" fill=\"none\" stroke=\"#888\"/>",
                x,
                y,
                PANEL_HEIGHT,
                PANEL_WIDTH);
        double tick = logarithmic ? bottom : step(most);
        for (double at = tick; at <= top * 1.001; at = logarithmic ? at * 10 : at + tick) {
            double tickY = y + PANEL_HEIGHT - PANEL_HEIGHT * share(at, bottom, top, logarithmic);
            add(
                    svg,
                    "<path d=\"M%d %.1f h%d\" stroke=\"#e4e4e4\"/><text x=\"%d\" y=\"%.1f\""
                            + " text-anchor=\"end\">%s</text>",
                    x,
                    tickY,
                    PANEL_WIDTH,
                    x - 5,
                    tickY + 4,
                    Report.number(at));
        }
        for (int count : connections.keySet()) {
            double tickX = x + PANEL_WIDTH * (Math.log(count) - low) / (high - low);
            add(
                    svg,
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>",
                    tickX,
                    y + PANEL_HEIGHT + 14,
                    count);
        }
        add(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#666\">%s, by connections</text>",
                x + PANEL_WIDTH,
                y + PANEL_HEIGHT + 27,
                unit);
        if (!latency) {
            double rawY =
                    y + PANEL_HEIGHT - PANEL_HEIGHT * share(row.raw, bottom, top, logarithmic);
            add(
                    svg,
                    "<path d=\"M%d %.1f h%d\" stroke=\"#444\" stroke-dasharray=\"1 3\"/>"
                            + "<text x=\"%d\" y=\"%.1f\" fill=\"#444\">the model alone</text>",
                    x,
                    rawY,
                    PANEL_WIDTH,
                    x + 4,
                    rawY - 4);
        }
        for (int i = 0; i < curves.size(); i++) {
            StringBuilder path = new StringBuilder();
            for (Map.Entry<Integer, Double> point : curves.get(i).entrySet()) {
                double pointX = x + PANEL_WIDTH * (Math.log(point.getKey()) - low) / (high - low);
                double pointY =
                        y
                                + PANEL_HEIGHT
                                - PANEL_HEIGHT * share(point.getValue(), bottom, top, logarithmic);
                path.append(
                        String.format(
                                Locale.ROOT,
                                "%s%.1f %.1f",
                                path.isEmpty() ? "M" : "L",
                                pointX,
                                pointY));
            }
            stroke(svg, i, path.toString());
        }
    }

    /** Without what a logarithmic scale has no place for. */
    private static Map<Integer, Double> positive(Map<Integer, Double> curve) {
        Map<Integer, Double> points = new TreeMap<>(curve);
        points.values().removeIf(value -> value <= 0);
        return points;
    }

    private static double share(double value, double bottom, double top, boolean logarithmic) {
        return logarithmic
                ? Math.log(value / bottom) / Math.log(top / bottom)
                : (value - bottom) / (top - bottom);
    }

    /** A fifth of the scale: 1, 2 or 5 times a power of ten. */
    private static double step(double most) {
        double power = Math.pow(10, Math.floor(Math.log10(most / 5)));
        for (double factor : new double[] {1, 2, 5}) {
            if (factor * power * 5 >= most) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    private static void stroke(StringBuilder svg, int index, String path) {
        add(
                svg,
                "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\""
                        + " stroke-dasharray=\"%s\"/>",
                path,
                COLORS[index],
                DASHES[index]);
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
