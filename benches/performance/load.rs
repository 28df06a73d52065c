//! Requests that are signed before they are sent; and a server to send to.

use crate::sender::{self, Pace, Traffic};
use crate::stage::Stage;
use actix_web::dev::{Server, ServerHandle};
use actix_web::web;
use avstem::app::group_commit::GroupCommit;
use avstem::http;
use avstem::jobs::Jobs;
use avstem_simulator::WebhookDelivery;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A server on a thread of its own, stopped when it is dropped.
pub struct Served {
    pub address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// The service's server over a stage, with the workers of that stage or of another, which has nothing to do.
    pub fn of(stage: &Stage, workers: &Jobs) -> Self {
        let intake = GroupCommit::start(Arc::clone(&stage.app));
        let state = http::State::new(Arc::clone(&stage.app), intake, workers.health());
        let state = web::Data::new(state);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::start(&listener, move |listener| http::server(state, listener))
    }

    pub fn start(
        listener: &TcpListener,
        server: impl FnOnce(TcpListener) -> std::io::Result<Server> + Send + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let listener = listener.try_clone().unwrap();
        let (told, handle) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async {
                let server = server(listener).unwrap();
                told.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self {
            address,
            handle: handle.recv().unwrap(),
            thread: Some(thread),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// Requests as they go over the wire, each of which is sent once.
pub struct Load {
    requests: Vec<Vec<u8>>,
}

impl Load {
    pub fn new(target: &str, deliveries: &[WebhookDelivery]) -> Self {
        let requests = deliveries.iter().map(|delivery| {
            let mut request = Vec::new();
            let headers = delivery
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()));
            write_request(&mut request, target, headers, &delivery.body);
            request
        });
        Self {
            requests: requests.collect(),
        }
    }

    pub fn len(&self) -> usize {
        self.requests.len()
    }
}

/// Appends a POST.
pub fn write_request<'a>(
    request: &mut Vec<u8>,
    target: &str,
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    body: &[u8],
) {
    write!(request, "POST {target} HTTP/1.1\r\nhost: bench.test\r\n").unwrap();
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    write!(request, "content-length: {}\r\n\r\n", body.len()).unwrap();
    request.extend_from_slice(body);
}

/// A load that is sent once, and how long each answer took. Every answer must be a 200.
struct Sending {
    load: Arc<Load>,
    waited: Mutex<Vec<Duration>>,
}

impl Traffic for Sending {
    fn write(&self, number: usize, request: &mut Vec<u8>) -> bool {
        let found = self.load.requests.get(number);
        request.extend_from_slice(found.map_or(&[], Vec::as_slice));
        found.is_some()
    }

    fn answered(&self, _: usize, answer: Option<&[u8]>, waited: Duration) {
        let answer = answer.expect("an answer");
        assert!(
            answer.starts_with(b"HTTP/1.1 200 "),
            "{}",
            String::from_utf8_lossy(answer)
        );
        self.waited.lock().unwrap().push(waited);
    }
}

/// Sends a load. How long each answer took, the shortest first.
pub fn send(
    load: &Arc<Load>,
    address: SocketAddr,
    connections: usize,
    pace: Pace,
) -> Vec<Duration> {
    let sending = Arc::new(Sending {
        load: Arc::clone(load),
        waited: Mutex::default(),
    });
    sender::send(&sending, address, connections, pace);
    let mut waited = std::mem::take(&mut *sending.waited.lock().unwrap());
    waited.sort();
    waited
}
