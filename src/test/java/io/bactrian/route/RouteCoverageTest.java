package io.bactrian.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouteCoverageTest {

    @TempDir private Path folder;

    private List<String> missed(String yaml, String... endpoints) throws Exception {
        Path file = Files.writeString(folder.resolve("a.camel.yaml"), yaml);
        CamelContext context = new DefaultCamelContext();
        try {
            RouteCoverage coverage = new RouteCoverage();
            coverage.observe(context);
            Resource resource = ResourceHelper.resolveResource(context, "file:" + file);
            PluginHelper.getRoutesLoader(context).loadRoutes(resource);
            context.start();
            for (String endpoint : endpoints) {
                context.createProducerTemplate().sendBody(endpoint, "body");
            }
            return coverage.missed().stream().map(RouteCoverage.Step::toString).toList();
        } finally {
            context.stop();
        }
    }

    @Test
    void eachStepHasItsLineHoweverItIsWritten() throws Exception {
        assertEquals(
                List.of(
                        "a.camel.yaml:5: to[log:a]",
                        "a.camel.yaml:6: to[log:b]",
                        "a.camel.yaml:7: to[log:c]",
                        "a.camel.yaml:10: setBody[constant{y}]",
                        "a.camel.yaml:12: choice[when[simple{true}]otherwise]",
                        "a.camel.yaml:16: log[z]",
                        "a.camel.yaml:19: setBody[constant{z}]",
                        "a.camel.yaml:22: log[a]",
                        "a.camel.yaml:22: log[b]"),
                missed(
                        """
                        - route:
                            from:
                              uri: direct:a
                              steps:
                                - to: log:a
                                - to: {uri: "log:b"}
                                - to:
                                    uri: log:c
                                -
                                  setBody:
                                    constant: y
                                - choice:
                                    when:
                                      - simple: "true"
                                        steps:
                                          - log: {message: z}
                                    otherwise:
                                      steps:
                                        - setBody: {constant: z}
                        - from:
                            uri: direct:b
                            steps: [{log: a}, {log: {message: b}}]
                        """));
    }

    @Test
    void stepsOfEveryRouteOfATemplateHaveTheirLines() throws Exception {
        assertEquals(
                List.of("a.camel.yaml:11: setBody[constant{2}]"),
                missed(
                        """
                        - routeTemplate:
                            id: t
                            parameters: [{name: n}]
                            from:
                              uri: direct:{{n}}
                              steps:
                                - choice:
                                    when:
                                      - simple: ${body} == 'other'
                                        steps:
                                          - setBody: {constant: "2"}
                        - templatedRoute: {routeTemplateRef: t, parameters: [{name: n, value: x}]}
                        """,
                        "direct:x"));
    }
}
