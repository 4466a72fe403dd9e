package io.bactrian.pipeline;

import org.apache.camel.spi.Metadata;

/** The names of headers a pipeline's messages carry. */
public final class PipelineConstants {

    @Metadata(
            description = "The media type to answer with, chosen from what the pipeline produces",
            javaType = "String")
    public static final String ACCEPT = "CamelPipelineAccept";

    private PipelineConstants() {}
}
