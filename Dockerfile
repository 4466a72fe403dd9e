# The serving image: docker build -t bactrian .
#
# Any Debian-like images do whose Java is 17 or later, the first with a JDK and Maven, the second
# with glibc. Both stages below that run Java run the second's: a class archive is good only for the
# very Java that made it.
ARG BUILD_IMAGE=maven:3.9-eclipse-temurin-21
ARG RUNTIME_IMAGE=eclipse-temurin:21-jre

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
# What is downloaded changes with the pom only.
COPY .mvn .mvn
COPY pom.xml .
RUN mvn -B -q dependency:go-offline
COPY LICENSE .
COPY routes routes
COPY src/main src/main
COPY src/docker src/docker
# Tests and style are for .ci/run.
RUN mvn -B -q -Dmaven.test.skip=true -Dspotless.check.skip=true package \
    && javac -d target/exercise src/docker/Exercise.java \
    && mv target/bactrian/lib/native target/native

FROM ${RUNTIME_IMAGE} AS server
# TensorFlow's 680 MB change rarely: a layer of their own.
COPY --from=build /build/target/native /opt/bactrian/lib/native
COPY --from=build /build/target/bactrian /opt/bactrian
# No USER: SageMaker runs containers as root as a rule, and a model's files keep the modes they were
# packed with, readable by their owner only perhaps. Any other user will do: nothing is written
# outside /tmp.
LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true
EXPOSE 8080
ENTRYPOINT ["/opt/bactrian/bin/bactrian"]
CMD ["serve"]

FROM server AS archive
COPY --from=build /build/target/exercise /build/exercise
COPY src/docker/make-archive /build/
COPY src/examples /build/examples
RUN sh /build/make-archive /opt/bactrian /build/examples /build/exercise

FROM server
COPY --from=archive /opt/bactrian/lib/bactrian.jsa /opt/bactrian/lib/bactrian.jsa
