# Built with: docker compose build
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN cargo build --release --locked --bin avstem

FROM debian:bookworm-slim
# The certificates are what the service trusts when it calls a payment provider.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /data --no-create-home avstem \
    && install -d -o avstem -g avstem -m 0700 /data
COPY --from=build /build/target/release/avstem /usr/local/bin/avstem
USER avstem
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["avstem"]
CMD ["serve"]
