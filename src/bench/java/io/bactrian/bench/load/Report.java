package io.bactrian.bench.load;

import java.util.ArrayList;
import java.util.List;

/** Tables in Markdown: the ratios and what they are made of. */
final class Report {

    private static final String[] RATIOS = {"what", "measured", "of", "ratio", "wanted", ""};

    private final List<String[]> ratios = new ArrayList<>();
    private final List<String> sections = new ArrayList<>();

    /** A figure that is a ratio of two others; {@code wanted} is the least, 0 for none. */
    void ratio(String what, String measured, String of, double ratio, double wanted) {
        ratios.add(
                new String[] {
                    what,
                    measured,
                    of,
                    number(ratio),
                    wanted == 0 ? "" : "≥ " + number(wanted),
                    wanted == 0 ? "" : ratio >= wanted ? "yes" : "**no**"
                });
    }

    /** A figure that stands for itself, with a least or a greatest value. */
    void figure(String what, double value, String unit, boolean atLeast, double wanted) {
        boolean met = atLeast ? value >= wanted : value <= wanted;
        ratios.add(
                new String[] {
                    what,
                    number(value) + unit,
                    "",
                    "",
                    (atLeast ? "≥ " : "≤ ") + number(wanted) + unit,
                    met ? "yes" : "**no**"
                });
    }

    void section(String title, String text) {
        sections.add("## " + title + "\n\n" + text);
    }

    /** Adds to the last section. */
    void append(String text) {
        if (!sections.isEmpty()) {
            int last = sections.size() - 1;
            sections.set(last, sections.get(last) + text);
        }
    }

    static String table(String[] head, List<String[]> rows) {
        StringBuilder text = new StringBuilder();
        text.append("| ").append(String.join(" | ", head)).append(" |\n|");
        for (int i = 0; i < head.length; i++) {
            text.append(i == 0 ? " --- |" : " ---: |");
        }
        text.append('\n');
        for (String[] row : rows) {
            text.append("| ").append(String.join(" | ", row)).append(" |\n");
        }
        return text.toString();
    }

    /** Three digits, and none that mean nothing. */
    static String number(double value) {
        double size = Math.abs(value);
        if (!Double.isFinite(value)) {
            return "∞";
        }
        if (size >= 100 || value == Math.rint(value)) {
            return String.format("%,d", Math.round(value));
        }
        return String.format(size >= 10 ? "%.1f" : size >= 0.1 ? "%.2f" : "%.3f", value);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (!ratios.isEmpty()) {
            text.append("## Ratios\n\n").append(table(RATIOS, ratios)).append('\n');
        }
        sections.forEach(section -> text.append(section).append('\n'));
        return text.toString();
    }
}
