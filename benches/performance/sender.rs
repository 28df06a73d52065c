//! Many connections that each send one request after the other, from one thread.

use crate::measure::now;
use crate::wire;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc};

/// What is sent, each request once, and who hears what became of it.
pub trait Traffic: Send + Sync + 'static {
    /// Writes the request of that number, from 0 on. False: there is none any more.
    fn write(&self, number: usize, request: &mut Vec<u8>) -> bool;

    /// `answer` is None when the server hung up without one.
    fn answered(&self, number: usize, answer: Option<&[u8]>, waited: Duration);
}

/// How fast, and how long.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// As fast as the answers come, until there is nothing left or that time is over.
    Closed { time_max: Duration },
    /// So many a second, whether answers come or not, and so many in all. A request that finds every
    /// connection busy waits for one, from the moment on at which it was due.
    Steady { per_second: usize, count: usize },
    /// The same, but no more wait than there are connections: what is due beyond that is never sent.
    Storm { per_second: usize, count: usize },
}

/// How often it is looked whether requests are due.
const TICK: Duration = Duration::from_millis(1);

/// What became of sending.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// Requests that were due and never sent.
    pub dropped: usize,
}

pub fn send(
    traffic: &Arc<impl Traffic>,
    address: SocketAddr,
    connections: usize,
    pace: Pace,
) -> Sent {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (announced, announcements) = mpsc::unbounded_channel();
        let queue = Arc::new(Queue {
            due: match pace {
                Pace::Closed { time_max } => Due::AtOnce(now().checked_add(time_max)),
                Pace::Steady { .. } | Pace::Storm { .. } => Due::At(Mutex::new(announcements)),
            },
            waiting: AtomicUsize::new(0),
            next: AtomicUsize::new(0),
        });
        let sending = |_| send_all(Arc::clone(traffic), Arc::clone(&queue), address);
        let tasks: Vec<_> = (0..connections).map(sending).map(tokio::spawn).collect();
        let dropped = match pace {
            Pace::Closed { .. } => 0,
            Pace::Steady { per_second, count } => {
                let announced = Announced {
                    announced,
                    queue: &queue,
                    waiting_max: usize::MAX,
                };
                announced.at_a_rate(per_second, count).await
            }
            Pace::Storm { per_second, count } => {
                let announced = Announced {
                    announced,
                    queue: &queue,
                    waiting_max: connections,
                };
                announced.at_a_rate(per_second, count).await
            }
        };
        for task in tasks {
            task.await.unwrap();
        }
        Sent { dropped }
    })
}

struct Queue {
    due: Due,
    /// Announced, and not on a connection.
    waiting: AtomicUsize,
    next: AtomicUsize,
}

enum Due {
    /// As soon as a connection is free, until then; None: without end.
    AtOnce(Option<Instant>),
    At(Mutex<mpsc::UnboundedReceiver<Instant>>),
}

impl Queue {
    /// When the next request is due, once it is; None when there will be none.
    async fn next(&self) -> Option<Instant> {
        match &self.due {
            Due::AtOnce(ends) => Some(now()).filter(|now| ends.is_none_or(|ends| *now < ends)),
            Due::At(due) => {
                let since = due.lock().await.recv().await;
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                since
            }
        }
    }
}

/// Says when requests are due.
struct Announced<'a> {
    announced: mpsc::UnboundedSender<Instant>,
    queue: &'a Queue,
    /// What is due while as many wait is dropped.
    waiting_max: usize,
}

impl Announced<'_> {
    /// Returns how many were dropped.
    async fn at_a_rate(self, per_second: usize, count: usize) -> usize {
        let mut tick = tokio::time::interval(TICK);
        let start = now();
        let (mut done, mut dropped) = (0, 0);
        while done < count {
            tick.tick().await;
            let passed = usize::try_from(start.elapsed().as_micros()).unwrap();
            let until = count.min(passed * per_second / 1_000_000).max(done);
            for _ in done..until {
                if self.queue.waiting.load(Ordering::Relaxed) < self.waiting_max {
                    self.queue.waiting.fetch_add(1, Ordering::Relaxed);
                    self.announced.send(now()).unwrap();
                } else {
                    dropped += 1;
                }
            }
            done = until;
        }
        dropped
    }
}

async fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Sends what nobody has sent, until nothing is left. A server takes a connection that says nothing for rude: it is
/// made when there is something to say.
async fn send_all(traffic: Arc<impl Traffic>, queue: Arc<Queue>, address: SocketAddr) {
    let mut open = None;
    let (mut request, mut answer) = (Vec::new(), Vec::new());
    while let Some(since) = queue.next().await {
        let number = queue.next.fetch_add(1, Ordering::Relaxed);
        request.clear();
        if !traffic.write(number, &mut request) {
            return;
        }
        let stream = match open.take() {
            Some(stream) => stream,
            None => connect(address).await,
        };
        // A server that answers early may stop reading: what it says counts all the same.
        let _ = wire::write(&stream, &request).await;
        let answered = wire::read(&stream, &mut answer).await.is_ok();
        let answer = answered.then_some(answer.as_slice());
        traffic.answered(number, answer, since.elapsed());
        let stays = |answer| wire::header(answer, "connection") != Some("close");
        open = answer.is_some_and(stays).then_some(stream);
    }
}
