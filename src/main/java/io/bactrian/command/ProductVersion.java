package io.bactrian.command;

/** The version of this program, from the manifest of its jar. */
final class ProductVersion {

    private ProductVersion() {}

    /** {@return the version; {@code development} outside of a jar} */
    static String get() {
        String version = ProductVersion.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
