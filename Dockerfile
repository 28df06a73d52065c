# Built with: docker compose build
FROM rust:1.95-slim-bookworm AS build
WORKDIR /build

# The dependencies first, for crates that are still empty: this layer is kept until a manifest changes.
COPY .cargo/config.toml .cargo/
COPY Cargo.toml Cargo.lock ./
COPY domain/Cargo.toml domain/
COPY webhooks/Cargo.toml webhooks/
COPY statements/Cargo.toml statements/
COPY simulator/Cargo.toml simulator/
COPY store/Cargo.toml store/
# What becomes of the empty crates goes again: it would be newer than the times of our sources.
RUN mkdir -p src domain/src webhooks/src statements/src simulator/src store/src \
    && touch src/lib.rs domain/src/lib.rs webhooks/src/lib.rs statements/src/lib.rs simulator/src/lib.rs store/src/lib.rs \
    && echo 'fn main() {}' > src/main.rs \
    && cargo build --release --locked --bin avstem \
    && cargo clean --release -p avstem -p avstem-domain -p avstem-webhooks -p avstem-statements -p avstem-simulator -p avstem-store

COPY . .
RUN cargo build --release --locked --bin avstem \
    && install -d -m 0700 /data

# The C library, the certificates by which a payment provider is known, and nothing else: no shell.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /build/target/release/avstem /usr/local/bin/avstem
COPY --from=build --chown=10001:10001 /data /data
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV AVSTEM_BIND=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["/usr/local/bin/avstem", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/avstem"]
CMD ["serve"]
