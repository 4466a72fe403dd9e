package io.bactrian.bench.load;

/**
 * What is wanted of a workload; 0 is nothing.
 *
 * @param ofRaw throughput, of the model's alone
 * @param ofSignature throughput, of the Python baseline's with the signature function
 * @param ofKeras throughput, of the Python baseline's with Keras' model.predict
 * @param rate requests a second
 * @param p99 milliseconds
 * @param lone milliseconds of a lone request, p50
 * @param residentMebibytes of the server after the run
 */
record Targets(
        double ofRaw,
        double ofSignature,
        double ofKeras,
        double rate,
        double p99,
        double lone,
        double residentMebibytes) {

    static Targets of(String workload) {
        return switch (workload) {
            case "half-plus-two" -> new Targets(0, 0, 0, 8000, 15, 1, 400);
            case "image" -> new Targets(0.85, 0, 0, 0, 0, 0, 0);
            case "keras-image" -> new Targets(0.85, 1.5, 5, 0, 0, 0, 0);
            case "small-image" -> new Targets(0, 1.5, 5, 0, 0, 0, 0);
            case "text" -> new Targets(0, 4, 50, 0, 0, 0, 0);
            case "detection" -> new Targets(0, 10, 50, 0, 0, 0, 0);
            case "detection-224" -> new Targets(0, 5, 0, 0, 0, 0, 0);
            default -> new Targets(0, 0, 0, 0, 0, 0, 0);
        };
    }
}
