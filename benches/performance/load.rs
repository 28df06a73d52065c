//! Many connections that each send one request after the other, from one thread; and a server to send to.

use crate::measure::now;
use actix_web::dev::{Server, ServerHandle};
use avstem_simulator::WebhookDelivery;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpStream;

/// A server on a thread of its own, stopped when it is dropped.
pub struct Served {
    pub address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    pub fn start(
        listener: &TcpListener,
        server: impl FnOnce(TcpListener) -> std::io::Result<Server> + Send + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let listener = listener.try_clone().unwrap();
        let (told, handle) = mpsc::channel();
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
    requests: Arc<Vec<Vec<u8>>>,
}

impl Load {
    pub fn new(target: &str, deliveries: &[WebhookDelivery]) -> Self {
        let requests = deliveries.iter().map(|delivery| {
            let mut request = format!("POST {target} HTTP/1.1\r\nhost: bench.test\r\n");
            for (name, value) in &delivery.headers {
                request.push_str(&format!("{name}: {value}\r\n"));
            }
            request.push_str(&format!("content-length: {}\r\n\r\n", delivery.body.len()));
            [request.as_bytes(), &delivery.body].concat()
        });
        Self {
            requests: Arc::new(requests.collect()),
        }
    }

    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// How long all of it took, and each request; the shortest first.
    pub fn send(&self, address: SocketAddr, connections: usize) -> (Duration, Vec<Duration>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut streams = Vec::new();
            for _ in 0..connections {
                let stream = TcpStream::connect(address).await.unwrap();
                stream.set_nodelay(true).unwrap();
                streams.push(stream);
            }
            let next = Arc::new(AtomicUsize::new(0));
            let start = now();
            let tasks: Vec<_> = streams
                .into_iter()
                .map(|stream| {
                    tokio::spawn(send_next(
                        stream,
                        Arc::clone(&self.requests),
                        Arc::clone(&next),
                    ))
                })
                .collect();
            let mut waited = Vec::with_capacity(self.requests.len());
            for task in tasks {
                waited.extend(task.await.unwrap());
            }
            let took = start.elapsed();
            assert_eq!(waited.len(), self.requests.len());
            waited.sort();
            (took, waited)
        })
    }
}

/// Sends what nobody has sent, until nothing is left.
async fn send_next(
    stream: TcpStream,
    requests: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
) -> Vec<Duration> {
    let mut waited = Vec::new();
    let mut answer = Vec::with_capacity(1_024);
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let start = now();
        write(&stream, request).await;
        read(&stream, &mut answer).await;
        waited.push(start.elapsed());
        assert!(
            answer.starts_with(b"HTTP/1.1 200 "),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    waited
}

async fn write(stream: &TcpStream, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        stream.writable().await.unwrap();
        match stream.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
    }
}

/// Reads one answer to its end.
async fn read(stream: &TcpStream, answer: &mut Vec<u8>) {
    answer.clear();
    while !is_whole(answer) {
        stream.readable().await.unwrap();
        match stream.try_read_buf(answer) {
            Ok(read) => assert_ne!(read, 0, "the server hung up"),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.parse().unwrap());
    answer.len() >= end + 4 + length
}
