//! The real program as a process of its own, and how anybody asks it.

use crate::deliveries::SECRET;
use crate::measure::now;
use crate::stage::Place;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub const ADMIN_KEY: &str = "avkey_of_the_benches_0123456789abcdef";

/// How long the program may take to start and to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// `avstem serve`, killed when it is dropped.
pub struct Program {
    pub address: SocketAddr,
    /// From the start of the process until `/readyz` answered 200.
    pub ready_after: Duration,
    process: Child,
}

/// The program with these arguments, over a place, with no other environment than ours.
fn command(place: &Place, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .args(arguments)
        .env_clear()
        .current_dir(place.folder())
        .env("AVSTEM_DATABASE_URL", place.url())
        .env("AVSTEM_ADMIN_KEY", ADMIN_KEY)
        .env("AVSTEM_CONNECTIONS__STRIPE__WEBHOOK_SECRETS", SECRET)
        .stdin(Stdio::null());
    command
}

pub fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_avstem"))
}

/// Runs a command to its end, which must be a good one.
pub fn run(place: &Place, arguments: &[&str]) {
    let output = command(place, arguments).output().unwrap();
    assert!(
        output.status.success(),
        "avstem {arguments:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

impl Program {
    pub fn start(place: &Place) -> Self {
        // Free now: nobody else on this machine asks for it until the program does.
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(place.folder().join("log"))
            .unwrap();
        let start = now();
        let process = command(place, &["serve"])
            .env("AVSTEM_BIND", address.to_string())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut program = Self {
            address,
            ready_after: Duration::ZERO,
            process,
        };
        while ask(address, "GET", "/readyz", &[], "")
            .map(|answer| answer.status)
            .ok()
            != Some(200)
        {
            assert!(
                start.elapsed() < PATIENCE,
                "{}",
                fs::read_to_string(place.folder().join("log")).unwrap()
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        program.ready_after = start.elapsed();
        program
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub fn get(&self, target: &str) -> Answer {
        let bearer = format!("Bearer {ADMIN_KEY}");
        ask(
            self.address,
            "GET",
            target,
            &[("authorization", &bearer)],
            "",
        )
        .unwrap()
    }

    /// Asks to stop, as a service manager does, and waits until it has.
    pub fn stop(mut self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already where it was stopped.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub struct Answer {
    pub status: u16,
    pub bytes: Vec<u8>,
    pub took: Duration,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        let text = std::str::from_utf8(&self.bytes).unwrap();
        serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap()
    }
}

/// Asks over a connection of its own, as somebody does who was not there before.
pub fn ask(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Answer> {
    let start = now();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request =
        format!("{method} {target} HTTP/1.1\r\nhost: bench.test\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    let status = crate::wire::status(&bytes);
    Ok(Answer {
        status,
        bytes,
        took: start.elapsed(),
    })
}
