package io.bactrian.preprocess.image;

import com.luciad.imageio.webp.internal.NativeLoader;
import java.lang.reflect.Field;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the native WebP library, libwebp: from {@code java.library.path}, where the distribution
 * has it, else from its jar, which unpacks it to the temporary directory. The latter fails if that
 * directory is read-only, full, or mounted noexec.
 */
public final class WebpLibrary {

    private static final Logger LOG = LoggerFactory.getLogger(WebpLibrary.class);
    private static final String NAME = "webp-imageio";

    private static final boolean LOADED = loadFromPath() || loadFromJar();

    private WebpLibrary() {}

    /** {@return whether WebP can be read and written; if not, the reason has been logged} */
    public static boolean isLoaded() {
        return LOADED;
    }

    private static boolean loadFromPath() {
        try {
            System.loadLibrary(NAME);
            disableUnpacking();
            return true;
        } catch (UnsatisfiedLinkError notFound) {
            return false;
        }
    }

    /**
     * Tells the jar's loader that the library is loaded. It has no setting for this, and would
     * unpack its own copy, or print a stack trace where it can't.
     */
    private static void disableUnpacking() {
        try {
            Field unpacked = NativeLoader.class.getDeclaredField("extracted");
            unpacked.setAccessible(true);
            unpacked.setBoolean(null, true);
        } catch (ReflectiveOperationException | RuntimeException otherVersion) {
            LOG.debug("libwebp's loader is not of the expected version", otherVersion);
        }
    }

    private static boolean loadFromJar() {
        try {
            if (NativeLoader.initialize()) {
                return true;
            }
            warn("it has none for this system");
        } catch (Exception | LinkageError e) {
            warn(e.toString());
        }
        return false;
    }

    private static void warn(String reason) {
        LOG.warn(
                "WebP images will be refused: libwebp is not on java.library.path, and can't be"
                        + " unpacked from its jar to the temporary directory {}: {}",
                System.getProperty("java.io.tmpdir"),
                reason);
    }
}
