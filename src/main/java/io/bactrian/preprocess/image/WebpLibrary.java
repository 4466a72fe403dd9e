package io.bactrian.preprocess.image;

import com.luciad.imageio.webp.internal.NativeLoader;
import java.lang.reflect.Field;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The native library of WebP, libwebp: from {@code java.library.path}, where the distribution has
 * it, else from its jar, which unpacks it to the temporary directory. That may be read-only, full,
 * or mounted such that nothing in it can be executed.
 */
final class WebpLibrary {

    private static final Logger LOG = LoggerFactory.getLogger(WebpLibrary.class);
    private static final String NAME = "webp-imageio";

    private static final boolean LOADED = isOnPath() || isUnpacked();

    private WebpLibrary() {}

    /** {@return whether WebP can be decoded; why not has been logged} */
    static boolean isLoaded() {
        return LOADED;
    }

    private static boolean isOnPath() {
        try {
            System.loadLibrary(NAME);
            keepFromUnpacking();
            return true;
        } catch (UnsatisfiedLinkError notThere) {
            return false;
        }
    }

    /**
     * The jar's loader has no setting for where the library is: it would try to unpack it, and
     * print a stack trace if it can't.
     */
    private static void keepFromUnpacking() {
        try {
            Field unpacked = NativeLoader.class.getDeclaredField("extracted");
            unpacked.setAccessible(true);
            unpacked.setBoolean(null, true);
        } catch (ReflectiveOperationException | RuntimeException otherVersion) {
            LOG.debug("the loader of libwebp is another than expected", otherVersion);
        }
    }

    private static boolean isUnpacked() {
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
