package io.bactrian.container;

import org.apache.camel.builder.RouteBuilder;

final class PredictRoute extends RouteBuilder {
    private final String model;

    PredictRoute(String model) {
        this.model = model;
    }

    @Override
    public void configure() {
        from("pipeline:" + model).to("tensorflow:" + model);
    }
}
