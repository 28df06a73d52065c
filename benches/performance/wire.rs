//! One request and its answer over a connection that stays open.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::SocketAddr;
use tokio::net::TcpStream;

pub async fn write(stream: &TcpStream, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads one answer to its end.
pub async fn read(stream: &TcpStream, answer: &mut Vec<u8>) -> Result<()> {
    answer.clear();
    while length_of(answer).is_none_or(|length| answer.len() < length) {
        stream.readable().await?;
        match stream.try_read_buf(answer) {
            Ok(0) => return Err(Error::new(ErrorKind::UnexpectedEof, "the server hung up")),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A connection of somebody who waits for each answer.
pub struct Line {
    stream: std::net::TcpStream,
    answer: Vec<u8>,
}

impl Line {
    pub fn to(address: SocketAddr) -> Self {
        let stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            answer: Vec::new(),
        }
    }

    /// Asks for a page, with one more field of the head. Its status.
    pub fn get(&mut self, target: &str, (name, value): (&str, &str)) -> u16 {
        let request =
            format!("GET {target} HTTP/1.1\r\nhost: bench.test\r\n{name}: {value}\r\n\r\n");
        self.stream.write_all(request.as_bytes()).unwrap();
        self.answer.clear();
        let mut piece = [0; 16 * 1024];
        while length_of(&self.answer).is_none_or(|length| self.answer.len() < length) {
            let read = self.stream.read(&mut piece).unwrap();
            assert_ne!(read, 0, "the server hung up");
            self.answer.extend_from_slice(&piece[..read]);
        }
        status(&self.answer)
    }
}

/// Of the whole answer, once its head is there.
fn length_of(answer: &[u8]) -> Option<usize> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let body = header(answer, "content-length").map_or(0, |length| length.parse().unwrap());
    Some(end + 4 + body)
}

/// The status of an answer whose head is there.
pub fn status(answer: &[u8]) -> u16 {
    let head = std::str::from_utf8(&answer[..answer.len().min(12)]).unwrap();
    head.strip_prefix("HTTP/1.1 ").unwrap().parse().unwrap()
}

/// A field of the head of an answer, its name in any case.
pub fn header<'a>(answer: &'a [u8], name: &str) -> Option<&'a str> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}
