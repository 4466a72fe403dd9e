package io.bactrian.limit;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The memory that this process may still take. Pages of files count as free, since the system drops
 * them when it needs their memory.
 *
 * @param limit what the container, or the machine, has in all, in bytes
 * @param used what this process holds that is not a file's, in bytes
 * @param machine what the machine can still give, in bytes; {@link Long#MAX_VALUE} if not known
 */
public record AvailableMemory(long limit, long used, long machine) {

    private static final Path OWN_STATUS = Path.of("/proc/self/status");
    private static final Path MACHINE = Path.of("/proc/meminfo");
    private static final long KILOBYTE = 1024;

    /** {@return the memory as it is now} */
    public static AvailableMemory now() {
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return of(system.getTotalMemorySize(), content(OWN_STATUS), content(MACHINE));
    }

    /**
     * @param limit of the container or machine, in bytes
     * @param status this process's {@code /proc/self/status}, or empty where there is none
     * @param meminfo {@code /proc/meminfo}, or empty where there is none
     */
    static AvailableMemory of(long limit, String status, String meminfo) {
        long available = bytes(meminfo, "MemAvailable");
        return new AvailableMemory(
                limit,
                Math.max(0, bytes(status, "RssAnon")) + Math.max(0, bytes(status, "RssShmem")),
                available < 0
                        ? Long.MAX_VALUE
                        : available + Math.max(0, bytes(meminfo, "SwapFree")));
    }

    /** {@return how many bytes more this process may take; never below zero} */
    public long bytes() {
        return Math.max(0, Math.min(limit - used, machine));
    }

    private static long bytes(String content, String key) {
        Matcher line = Pattern.compile("(?m)^" + key + ":\\s+(\\d+) kB").matcher(content);
        return line.find() ? Long.parseLong(line.group(1)) * KILOBYTE : -1;
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
