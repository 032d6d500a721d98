# The server as one static binary on nothing: no shell, no library, no package. Multi-stage, from public base images only.
#
#   docker build -t doorward .
#   docker run -p 8080:8080 -v doorward:/data -e DOORWARD_PUBLIC_URL=https://id.example.com doorward

FROM rust:1-bookworm AS build
# TARGET: x86_64-unknown-linux-musl or aarch64-unknown-linux-musl, that of the machine that builds.
ARG TARGET=x86_64-unknown-linux-musl
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates musl-tools && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN rustup target add "$TARGET"
RUN packaging/release --binary-only --target "$TARGET" /out
# Made here, because nothing in the last stage could.
RUN install -d -m 0700 /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/doorward /doorward
COPY LICENSE /LICENSE
ENV DOORWARD_DATA=/data DOORWARD_LISTEN=0.0.0.0:8080 DOORWARD_OPS_LISTEN=127.0.0.1:9100
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/doorward", "healthcheck"]
ENTRYPOINT ["/doorward"]
CMD ["serve"]
