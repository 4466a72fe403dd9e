package io.bactrian.tensorflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bactrian.container.ContainerConfig;
import io.bactrian.model.ModelLoadException;
import io.bactrian.model.ModelSettings;
import io.bactrian.route.ConfigurationException;
import io.bactrian.setting.Setting;
import io.bactrian.setting.SettingValues;
import io.bactrian.testing.TestModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The options of the component, which are the container's settings of models. */
class TensorFlowOptionsTest {

    /** A value for each option that is not its default, and one that is not allowed or null. */
    private static final Map<String, List<String>> VALUES =
            Map.of(
                    "modelDirectory", List.of("/models"),
                    "enableBatching", List.of("True", "yes"),
                    "maxBatchSize", List.of("7", "0"),
                    "batchTimeoutMicros", List.of("1500", "-1"),
                    "numBatchThreads", List.of(" 3 ", "100000"),
                    "maxEnqueuedBatches", List.of("5", "many"),
                    "intraOpParallelism", List.of("3", "-1"),
                    "interOpParallelism", List.of("5", "1.5"),
                    "optimize", List.of("false", "0"),
                    "opLibraries", List.of("a.so, b.so"));

    static List<Setting<?>> settings() {
        return ModelSettings.all();
    }

    /** {@return the complete configuration of models} */
    private static List<Object> configuration(SettingValues values) {
        return List.of(
                values.get(ModelSettings.MODEL_DIR),
                values.get(ModelSettings.OP_LIBRARIES),
                ModelSettings.tensorFlow(values),
                ModelSettings.scheduling(values));
    }

    private static List<Object> configuration(ContainerConfig config) {
        return List.of(
                config.modelDirectory(),
                config.opLibraries(),
                config.tensorFlow(),
                config.scheduling());
    }

    @Test
    void defaultsAreThoseOfTheContainer() {
        assertEquals(
                configuration(ContainerConfig.of(Map.of())),
                configuration(new TensorFlowComponent().settings()));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void optionIsReadAsItsVariable(Setting<?> setting) {
        String value = VALUES.get(setting.option()).get(0);
        TensorFlowComponent component = new TensorFlowComponent();
        component.setOption(setting.option(), value);
        List<Object> configured = configuration(component.settings());
        assertEquals(configuration(ContainerConfig.of(Map.of(setting.name(), value))), configured);
        assertNotEquals(configuration(SettingValues.defaults()), configured);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void valueThatTheVariableDoesNotAllowIsRefused(Setting<?> setting) {
        List<String> values = VALUES.get(setting.option());
        for (String wrong : values.subList(1, values.size())) {
            String reason =
                    assertThrows(
                                    ConfigurationException.class,
                                    () -> ContainerConfig.of(Map.of(setting.name(), wrong)))
                            .getMessage()
                            .substring(setting.name().length());
            assertEquals(
                    "the option " + setting.option() + " of the component tensorflow" + reason,
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () ->
                                            new TensorFlowComponent()
                                                    .setOption(setting.option(), wrong))
                            .getMessage());
        }
    }

    @Test
    void blankOptionIsTheDefault() {
        TensorFlowComponent component = new TensorFlowComponent();
        component.setOption("maxBatchSize", "7");
        component.setOption("maxBatchSize", " ");
        assertEquals(configuration(SettingValues.defaults()), configuration(component.settings()));
    }

    @Test
    void unknownOptionIsRefusedWithTheKnownOnes() {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new TensorFlowComponent().setOption("batchSize", "1"))
                        .getMessage();
        assertTrue(
                message.startsWith(
                        "the component tensorflow has no option \"batchSize\": there are"
                                + " modelDirectory, enableBatching, "),
                message);
    }

    @ParameterizedTest
    @CsvSource({"maxBatchSize", "max-batch-size", "maxbatchsize"})
    void optionIsBoundByAPropertyOfCamelMain(String name) throws Exception {
        Main main = new Main();
        main.addInitialProperty("camel.component.tensorflow." + name, "7");
        main.addInitialProperty("camel.component.tensorflow.self", "mine");
        main.start();
        try {
            TensorFlowComponent component =
                    main.getCamelContext().getComponent("tensorflow", TensorFlowComponent.class);
            assertEquals(7, ModelSettings.scheduling(component.settings()).maxBatchSize());
            assertEquals("mine", component.getSelf());
        } finally {
            main.stop();
        }
    }

    @Test
    void wrongPropertyKeepsCamelMainFromStarting() {
        Main main = new Main();
        main.addInitialProperty("camel.component.tensorflow.maxBatchSize", "0");
        Throwable failure = assertThrows(Exception.class, main::start);
        while (failure.getCause() != null) {
            failure = failure.getCause();
        }
        assertEquals(
                "the option maxBatchSize of the component tensorflow must be a whole number from 1"
                        + " to 1000000, got \"0\"",
                failure.getMessage());
        main.stop();
    }

    @Test
    void optionsHoldForTheModelsAndCannotBeChangedWhileTheyAreLoaded(@TempDir Path models)
            throws Exception {
        TestModels.halfPlusTwo(models.resolve("half/1"));
        TensorFlowComponent component = new TensorFlowComponent();
        component.setModelDirectory(models.toString());
        component.setOption("opLibraries", models.resolve("none.so").toString());
        CamelContext context = new DefaultCamelContext();
        try {
            component.addTo(context);
            assertEquals(
                    "no operation library at " + models.resolve("none.so"),
                    assertThrows(ModelLoadException.class, component::repository).getMessage());
            component.setOption("opLibraries", " ");
            assertEquals("half", component.model("half").name());
            assertEquals(
                    "the option maxBatchSize of the component tensorflow can't be set any more: the"
                            + " model directory has been read",
                    assertThrows(
                                    IllegalStateException.class,
                                    () -> component.setOption("maxBatchSize", "8"))
                            .getMessage());
        } finally {
            component.stop();
        }
    }
}
