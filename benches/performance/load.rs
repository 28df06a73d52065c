//! Many connections that each send one request after the other, from one thread; and a server to send to.

use crate::measure::now;
use actix_web::dev::{Server, ServerHandle};
use avstem_simulator::WebhookDelivery;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc};

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

    /// Sends everything as fast as the answers come. How long each answer took, the shortest first.
    pub fn send(&self, address: SocketAddr, connections: usize) -> Vec<Duration> {
        self.send_when(address, connections, |due| async move {
            for _ in 0..self.len() {
                due.send(None).unwrap();
            }
        })
    }

    /// Sends `count` at a steady rate, whether answers come or not. A request that finds every connection
    /// busy waits from the moment on at which it was due.
    pub fn offer(
        &self,
        address: SocketAddr,
        connections: usize,
        per_second: usize,
        count: usize,
    ) -> Vec<Duration> {
        self.send_when(address, connections, |due| async move {
            let mut tick = tokio::time::interval(TICK);
            let start = now();
            let mut sent = 0;
            while sent < count {
                tick.tick().await;
                let passed = usize::try_from(start.elapsed().as_micros()).unwrap();
                let until = count.min(passed * per_second / 1_000_000);
                for _ in sent..until {
                    due.send(Some(now())).unwrap();
                }
                sent = sent.max(until);
            }
        })
    }

    fn send_when<F: Future<Output = ()>>(
        &self,
        address: SocketAddr,
        connections: usize,
        announce: impl FnOnce(mpsc::UnboundedSender<Option<Instant>>) -> F,
    ) -> Vec<Duration> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut streams = Vec::new();
            for _ in 0..connections {
                let stream = TcpStream::connect(address).await.unwrap();
                stream.set_nodelay(true).unwrap();
                streams.push(stream);
            }
            let (announced, due) = mpsc::unbounded_channel();
            let next = Arc::new(Next {
                requests: Arc::clone(&self.requests),
                queue: Mutex::new(Queue { due, sent: 0 }),
            });
            let tasks: Vec<_> = streams
                .into_iter()
                .map(|stream| tokio::spawn(send_next(stream, Arc::clone(&next))))
                .collect();
            announce(announced).await;
            let mut waited = Vec::with_capacity(self.requests.len());
            for task in tasks {
                waited.extend(task.await.unwrap());
            }
            waited.sort();
            waited
        })
    }
}

/// How often it is looked whether requests are due.
const TICK: Duration = Duration::from_millis(1);

/// What is to be sent next.
struct Next {
    requests: Arc<Vec<Vec<u8>>>,
    queue: Mutex<Queue>,
}

struct Queue {
    /// When requests are due; None: as soon as a connection is free.
    due: mpsc::UnboundedReceiver<Option<Instant>>,
    sent: usize,
}

impl Next {
    async fn take(&self) -> Option<(&[u8], Instant)> {
        let mut queue = self.queue.lock().await;
        let at = queue.due.recv().await?.unwrap_or_else(now);
        let request = self.requests.get(queue.sent)?;
        queue.sent += 1;
        Some((request, at))
    }
}

/// Sends what nobody has sent, until nothing is left.
async fn send_next(stream: TcpStream, next: Arc<Next>) -> Vec<Duration> {
    let mut waited = Vec::new();
    let mut answer = Vec::with_capacity(1_024);
    while let Some((request, since)) = next.take().await {
        write(&stream, request).await;
        read(&stream, &mut answer).await;
        waited.push(since.elapsed());
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
