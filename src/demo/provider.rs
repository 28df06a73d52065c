//! The simulated provider as a real HTTP server, and the thread that delivers its webhooks.

use crate::gateway::Https;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use avstem_domain::time::Timestamp;
use avstem_simulator::{Exchange, Simulator};
use avstem_webhooks::outbound::{self, Method};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the provider looks for webhooks to deliver.
const LOOK_EVERY: Duration = Duration::from_millis(20);

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
        Exchange::Reply(reply) => {
            let status = actix_web::http::StatusCode::from_u16(reply.status)
                .unwrap_or(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = HttpResponse::build(status);
            for (name, value) in reply.headers {
                response.insert_header((name, value));
            }
            response.body(reply.body)
        }
        // A body that breaks off: the caller sees that the connection was lost after the request.
        Exchange::Lost => HttpResponse::Ok().streaming(futures_util::stream::once(async {
            Err::<web::Bytes, _>(std::io::Error::other("the answer is lost"))
        })),
    }
}
