package io.bactrian.container;

import io.bactrian.model.ModelSettings;
import io.bactrian.setting.Setting;
import io.bactrian.setting.Setting.Topic;
import java.util.ArrayList;
import java.util.List;

/** The reference of the settings, as text for {@code --help} and as Markdown. */
public final class SettingsReference {

    private static final int WIDTH = 100;
    private static final String INDENTATION = "      ";

    private SettingsReference() {}

    /** {@return the reference for {@code --help}, in lines of at most 100 characters} */
    public static String help() {
        StringBuilder help = new StringBuilder();
        for (Topic topic : Topic.values()) {
            help.append("  ").append(topic.heading()).append('\n');
            for (Setting<?> setting : of(topic)) {
                help.append("    ").append(setting.name()).append('\n');
                String text = setting.meaning() + " (" + setting.defaultText() + ")";
                for (String line : wrap(text, WIDTH - INDENTATION.length())) {
                    help.append(INDENTATION).append(line).append('\n');
                }
            }
        }
        return help.toString();
    }

    /** {@return the content of docs/settings.md} */
    static String markdown() {
        StringBuilder page = new StringBuilder();
        page.append(
                """
                # Settings

                The server is configured by environment variables, as SageMaker passes them. `bactrian --help` lists them, too. A blank variable counts as not set. "Per core" refers to the cores that the container may use.

                An unknown `BACTRIAN_` variable is an error at start. A `SAGEMAKER_` variable that is probably misspelled causes a warning; SageMaker's other variables are ignored. A model's own `batching_params.pbtxt`, in TensorFlow Serving's format, in the model's folder or in a version's, overrides the variables for batching; it also supports `allowed_batch_sizes` and padding.

                <!-- Generated from io.bactrian.container.Settings by SettingsReferenceTest. -->
                """);
        for (Topic topic : Topic.values()) {
            page.append("\n## ").append(topic.heading()).append("\n\n");
            page.append("| variable | meaning | values | default |\n| --- | --- | --- | --- |\n");
            for (Setting<?> setting : of(topic)) {
                page.append("| `").append(setting.name()).append("` | ").append(cells(setting));
            }
        }
        return page.toString();
    }

    /** {@return the table of the options of the {@code tensorflow} component} */
    static String options() {
        StringBuilder table = new StringBuilder();
        table.append("| option | variable | meaning | values | default |\n");
        table.append("| --- | --- | --- | --- | --- |\n");
        for (Setting<?> setting : ModelSettings.all()) {
            table.append("| `").append(setting.option()).append("` | `");
            table.append(setting.name()).append("` | ").append(cells(setting));
        }
        return table.toString();
    }

    private static String cells(Setting<?> setting) {
        String detail = setting.detail().isEmpty() ? "" : ". " + setting.detail();
        return String.format(
                "%s%s | %s | %s |%n",
                setting.meaning(), detail, setting.documentedValues(), setting.defaultText());
    }

    private static List<? extends Setting<?>> of(Topic topic) {
        return Settings.all().stream().filter(setting -> setting.topic() == topic).toList();
    }

    private static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (line.length() > 0 && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
