//! The simulated provider as a real HTTP server, and the thread that delivers its webhooks.

use crate::gateway::Https;
use actix_web::{App, HttpRequest, HttpResponse, HttpResponseBuilder, HttpServer, web};
use avstem_domain::time::Timestamp;
use avstem_simulator::{Exchange, FILLER, Simulator};
use avstem_webhooks::outbound::{self, Method};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the provider looks for webhooks to deliver.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How much of a huge answer is sent at once.
const CHUNK_BYTES: usize = 64 << 10;

/// What the provider notes of a delivery that nobody answered.
const NO_ANSWER: u16 = 0;

/// A simulator that others reach over HTTP. It stops when it is dropped.
pub struct ProviderServer {
    shared: Shared,
    address: SocketAddr,
    handle: actix_web::dev::ServerHandle,
    threads: Vec<JoinHandle<()>>,
    stopping: Arc<AtomicBool>,
}

#[derive(Clone)]
struct Shared {
    simulator: Arc<Mutex<Simulator>>,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Simulator> {
        self.simulator
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProviderServer {
    /// Serves on a free port of this machine. `now` is asked at every call, so that the provider's
    /// time goes on.
    pub fn start(
        simulator: Simulator,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let shared = Shared {
            simulator: Arc::new(Mutex::new(simulator)),
            now: Arc::new(now),
        };
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (told, handle) = std::sync::mpsc::channel();
        let state = shared.clone();
        let server = std::thread::spawn(move || {
            let run = actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    App::new()
                        .app_data(web::Data::new(state.clone()))
                        .default_service(web::to(answer))
                })
                .workers(1)
                .disable_signals()
                .listen(listener)?
                .run();
                // The receiver waits for this; if it is gone, nobody needs the server.
                let _ = told.send(server.handle());
                server.await
            });
            if let Err(error) = run {
                tracing::error!(error = %error, "The simulated provider stopped");
            }
        });
        let handle = handle.recv().map_err(std::io::Error::other)?;
        Ok(Self {
            shared,
            address,
            handle,
            threads: vec![server],
            stopping: Arc::default(),
        })
    }

    /// Where its API is.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The simulator itself, for the story to act in and to look at the truth.
    pub fn simulator(&self) -> MutexGuard<'_, Simulator> {
        let mut simulator = self.shared.lock();
        simulator.advance_to((self.shared.now)());
        simulator
    }

    /// Delivers webhooks to `base` + `target` from now on, and again until each is accepted.
    pub fn deliver_to(&mut self, client: Https, base: String, target: String) {
        let (shared, stopping) = (self.shared.clone(), Arc::clone(&self.stopping));
        self.threads.push(std::thread::spawn(move || {
            while !stopping.load(Ordering::SeqCst) {
                let due = {
                    let mut simulator = shared.lock();
                    simulator.advance_to((shared.now)());
                    simulator.deliveries_due()
                };
                if due.is_empty() {
                    std::thread::sleep(LOOK_EVERY);
                }
                for delivery in due {
                    let request = outbound::HttpRequest {
                        method: Method::Post,
                        target: target.clone(),
                        headers: delivery.headers,
                        body: delivery.body,
                    };
                    let status = match client.exchange_openly(&base, &request) {
                        Ok(reply) => reply.status,
                        Err(error) => {
                            tracing::warn!(error = %error, "A webhook was not delivered");
                            NO_ANSWER
                        }
                    };
                    tracing::debug!(status, "Delivered a webhook");
                    shared.lock().delivered(delivery.id, status);
                }
            }
        }));
    }
}

impl Drop for ProviderServer {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        drop(self.handle.stop(false));
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}

async fn answer(shared: web::Data<Shared>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let method = match request.method().as_str() {
        "POST" => Method::Post,
        "DELETE" => Method::Delete,
        _ => Method::Get,
    };
    let text = |value: &actix_web::http::header::HeaderValue| {
        value.to_str().unwrap_or_default().to_owned()
    };
    let asked = outbound::HttpRequest {
        method,
        target: request.uri().to_string(),
        headers: request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
        body: body.to_vec(),
    };
    let authorization = request.headers().get("authorization").map(text);
    let exchange = {
        let mut simulator = shared.lock();
        simulator.advance_to((shared.now)());
        simulator.handle(&asked, authorization.as_deref())
    };
    match exchange {
        Exchange::Reply(mut reply) => {
            let body = std::mem::take(&mut reply.body);
            head(reply).body(body)
        }
        Exchange::Huge {
            mut beginning,
            bytes,
        } => {
            let body = huge_body(std::mem::take(&mut beginning.body), bytes);
            head(beginning).streaming(futures_util::stream::iter(body))
        }
        // A body that breaks off: the caller sees that the connection was lost after the request.
        Exchange::Lost => HttpResponse::Ok().streaming(futures_util::stream::once(async {
            Err::<web::Bytes, _>(std::io::Error::other("the answer is lost"))
        })),
    }
}

/// Status and headers of a reply, to which a body is added.
fn head(reply: outbound::HttpReply) -> HttpResponseBuilder {
    let status = actix_web::http::StatusCode::from_u16(reply.status)
        .unwrap_or(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    for (name, value) in reply.headers {
        response.insert_header((name, value));
    }
    response
}

/// The chunks of a body of at least so many bytes that is never held whole.
fn huge_body(
    beginning: Vec<u8>,
    bytes: u64,
) -> impl Iterator<Item = Result<web::Bytes, std::io::Error>> {
    let chunk = web::Bytes::from(vec![FILLER; CHUNK_BYTES]);
    let chunks = bytes.div_ceil(u64::try_from(CHUNK_BYTES).unwrap_or(u64::MAX));
    let rest = (0..chunks).map(move |_| chunk.clone());
    std::iter::once(web::Bytes::from(beginning))
        .chain(rest)
        .map(Ok)
}

#[cfg(test)]
mod tests {
    use super::*;
    use avstem_simulator::{CallMatch, Fault, Settings, Shape};

    #[test]
    fn a_huge_answer_is_sent_for_real_and_the_gateway_stops_reading() {
        let now = Timestamp::from_unix_seconds(1_793_437_200).unwrap();
        let mut simulator = Simulator::new(
            Settings {
                seed: 1,
                webhook_secret: "whsec_CANARYdemo".to_owned(),
                api_key: "sk_test_CANARYdemo".to_owned(),
                shape: Shape::Newer,
                currency: "sek",
            },
            now,
        );
        for (call, bytes) in [(1, 1_000_000), (2, 200_000_000)] {
            let charges = CallMatch::nth(call, Method::Get, "/v1/charges");
            simulator.faults().on(charges, Fault::Huge { bytes });
        }
        let server = ProviderServer::start(simulator, move || now).unwrap();
        let request = outbound::HttpRequest {
            method: Method::Get,
            target: "/v1/charges".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let client = Https::new().unwrap();
        let mut sizes = Vec::new();
        for _ in 0..2 {
            let reply = client.exchange_openly(&server.base(), &request).unwrap();
            assert_eq!(reply.status, 200);
            assert!(reply.body.starts_with(b"{\"object\":\"list\""));
            assert_eq!(reply.body.last(), Some(&FILLER));
            sizes.push(reply.body.len());
        }
        assert!((1_000_000..1_100_000).contains(&sizes[0]), "{sizes:?}");
        assert_eq!(sizes[1], 8 << 20);
    }
}
