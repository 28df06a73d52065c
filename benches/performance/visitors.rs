//! People and programs that use the service while others storm it: the API, the account page, and a write.

use crate::measure::now;
use crate::program::{ADMIN_KEY, Program, ask};
use std::net::SocketAddr;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Between visits.
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug, Default)]
pub struct Visited {
    pub took: Vec<Duration>,
    /// Not answered, or not as they should be.
    pub failed: usize,
}

impl Visited {
    pub fn longest(&self) -> Duration {
        self.took.iter().copied().max().unwrap_or_default()
    }
}

pub struct Visitors {
    stop: Sender<()>,
    thread: JoinHandle<Visited>,
}

impl Visitors {
    /// Lets a customer of the service sign in, and begins.
    pub fn begin(program: &Program) -> Self {
        let customers = program.get("/v1/customers?limit=1").json();
        let customer = customers["data"][0]["id"].as_str().unwrap().to_owned();
        let (address, cookie) = (program.address, sign_in(program.address, &customer));
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            let mut visited = Visited::default();
            while stopped.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                visit(address, &cookie, &customer, &mut visited);
            }
            visited
        });
        Self { stop, thread }
    }

    pub fn end(self) -> Visited {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap()
    }
}

fn bearer() -> String {
    format!("Bearer {ADMIN_KEY}")
}

/// A new portal session, as support makes one.
fn portal_session(address: SocketAddr, customer: &str) -> Option<serde_json::Value> {
    let bearer = bearer();
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let body = format!("{{\"customer\":\"{customer}\"}}");
    let answer = ask(address, "POST", "/v1/portal-sessions", &headers, &body).ok()?;
    (answer.status == 201).then(|| answer.json())
}

/// Follows the link of a portal session; the cookie of the account page.
fn sign_in(address: SocketAddr, customer: &str) -> String {
    let session = portal_session(address, customer).unwrap();
    let url = session["url"].as_str().unwrap();
    let path = url.splitn(4, '/').nth(3).unwrap();
    let answer = ask(address, "GET", &format!("/{path}"), &[], "").unwrap();
    assert_eq!(answer.status, 303);
    let cookie = crate::wire::header(&answer.bytes, "set-cookie").unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

fn visit(address: SocketAddr, cookie: &str, customer: &str, visited: &mut Visited) {
    let bearer = bearer();
    let api = [("authorization", bearer.as_str())];
    let page = [("cookie", cookie)];
    for (target, headers) in [
        ("/v1/subscriptions?limit=10", &api),
        ("/v1/events?limit=10", &api),
        ("/account", &page),
    ] {
        match ask(address, "GET", target, headers, "") {
            Ok(answer) if answer.status == 200 => visited.took.push(answer.took),
            Ok(_) | Err(_) => visited.failed += 1,
        }
    }
    let start = now();
    match portal_session(address, customer) {
        Some(_) => visited.took.push(start.elapsed()),
        None => visited.failed += 1,
    }
}
