package io.bactrian.setting;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The values of settings: those that are set, and the defaults of all others. */
public final class SettingValues {

    private static final SettingValues DEFAULTS = new SettingValues(Map.of());

    /** The values that are set. */
    private final Map<Setting<?>, Object> values;

    private SettingValues(Map<Setting<?>, Object> values) {
        this.values = Map.copyOf(values);
    }

    /** {@return the defaults: no setting is set} */
    public static SettingValues defaults() {
        return DEFAULTS;
    }

    /**
     * {@return the values of environment variables}
     *
     * @param settings the settings to read
     * @param environment the variables; a blank one counts as not set
     * @throws IllegalArgumentException if a value is not allowed; the message names the variable
     */
    public static SettingValues of(
            Collection<? extends Setting<?>> settings, Map<String, String> environment) {
        Map<Setting<?>, Object> values = new HashMap<>();
        for (Setting<?> setting : settings) {
            String text = environment.get(setting.name());
            if (text != null && !text.isBlank()) {
                values.put(setting, setting.parse(setting.name(), text));
            }
        }
        return new SettingValues(values);
    }

    /**
     * {@return these values with another one}
     *
     * @param <T> the value's type
     * @param setting the setting to be set
     * @param value its value
     */
    public <T> SettingValues with(Setting<T> setting, T value) {
        Map<Setting<?>, Object> changed = new HashMap<>(values);
        changed.put(setting, value);
        return new SettingValues(changed);
    }

    /**
     * {@return these values with another one, which is parsed}
     *
     * @param <T> the value's type
     * @param setting the setting to be set
     * @param label the setting's name in the error
     * @param text the value; blank for the default
     * @throws IllegalArgumentException if the value is not allowed
     */
    public <T> SettingValues with(Setting<T> setting, String label, String text) {
        if (!text.isBlank()) {
            return with(setting, setting.parse(label, text));
        }
        Map<Setting<?>, Object> changed = new HashMap<>(values);
        changed.remove(setting);
        return new SettingValues(changed);
    }

    /**
     * {@return whether a setting is set}
     *
     * @param setting any setting
     */
    public boolean isSet(Setting<?> setting) {
        return values.containsKey(setting);
    }

    /**
     * {@return the value of a setting; null if it is not set and has no default}
     *
     * @param <T> the value's type
     * @param setting any setting
     */
    @SuppressWarnings("unchecked")
    public <T> @Nullable T find(Setting<T> setting) {
        T value = (T) values.get(setting);
        return value == null ? setting.defaultValue() : value;
    }

    /**
     * {@return the value of a setting}
     *
     * @param <T> the value's type
     * @param setting a setting that is set or has a default
     */
    public <T> T get(Setting<T> setting) {
        return Objects.requireNonNull(find(setting), setting.name());
    }
}
