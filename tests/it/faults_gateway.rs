//! The real HTTP client against servers that misbehave: nothing is followed, nothing is read without end,
//! and what was not heard whole is not taken for an answer.

use avstem::config::{Config, Connection};
use avstem::gateway::{CallError, Gateway};
use avstem_domain::id::{ProviderChargeId, RefundId};
use avstem_domain::money::{Currency, Money};
use avstem_webhooks::outbound::{Ask, Outcome, RefundOrder, Uncertainty};
use avstem_webhooks::providers;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};

const HUGE: usize = 200 << 20;
/// What the gateway reads, and what two sockets may hold beside it.
const READ_MAX: usize = 8 << 20;
const UNDER_WAY_MAX: usize = 16 << 20;

/// Serves every connection with `answer`, in a thread of its own; the address.
fn serve(answer: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap());
        }
    });
    base
}

/// Reads a request's head; none of ours has a body that matters here.
fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
}

fn connection(base: &str) -> Connection {
    let settings = format!(
        "[connections.stripe]\nwebhook_secrets = [\"whsec_x\"]\napi_key = \"sk_test_x\"\napi_base = \"{base}\"\n"
    );
    let mut config = Config::from_parts(&settings, &[]).unwrap();
    config.connections.remove("stripe").unwrap()
}

fn ask(base: &str) -> Result<Outcome, CallError> {
    let order = RefundOrder {
        refund: RefundId::parse("avref_019aa0000000700080000000000000a1").unwrap(),
        charge: ProviderChargeId::parse("ch_3Canary").unwrap(),
        amount: Money::from_minor(24_900, Currency::parse("SEK").unwrap()),
    };
    let stripe = providers::by_name("stripe").unwrap();
    let gateway = Gateway::https().unwrap();
    let answer = gateway.ask(&connection(base), stripe, &Ask::CreateRefund(order));
    answer.unwrap().result
}

/// Sends 200 MB in an answer that begins so, and tells how much of it could be sent.
fn huge(head: &'static str) -> (String, Receiver<usize>) {
    let (sent, told) = channel();
    let base = serve(move |mut stream| {
        read_head(&mut stream);
        stream.write_all(head.as_bytes()).unwrap();
        let piece = vec![b' '; 64 << 10];
        let mut length = 0;
        while length < HUGE {
            let chunk = format!("{:x}\r\n", piece.len());
            let is_chunked = head.contains("chunked");
            let framed = !is_chunked || stream.write_all(chunk.as_bytes()).is_ok();
            if !framed || stream.write_all(&piece).is_err() {
                break;
            }
            if is_chunked && stream.write_all(b"\r\n").is_err() {
                break;
            }
            length += piece.len();
        }
        sent.send(length).unwrap();
    });
    (base, told)
}

fn assert_read_within_bounds((base, sent): (String, Receiver<usize>)) {
    let outcome = ask(&base).unwrap();
    let unreadable = matches!(&outcome, Outcome::Unknown(Uncertainty::Unreadable { .. }));
    assert!(unreadable, "it may have been done: {outcome:?}");
    let sent = sent.recv().unwrap();
    assert!(
        (READ_MAX..READ_MAX + UNDER_WAY_MAX).contains(&sent),
        "{sent} bytes were sent"
    );
}

#[test]
fn of_an_answer_of_200_mb_no_more_than_the_bound_is_read() {
    assert_read_within_bounds(huge(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 209715200\r\n\r\n",
    ));
}

#[test]
fn of_an_answer_without_a_length_no_more_than_the_bound_is_read() {
    assert_read_within_bounds(huge(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
    ));
}

#[test]
fn a_redirect_is_not_followed() {
    let visits = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&visits);
    let elsewhere = serve(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "307 Temporary Redirect",
    ] {
        let target = elsewhere.clone();
        let base = serve(move |mut stream| {
            read_head(&mut stream);
            let reply = format!(
                "HTTP/1.1 {status}\r\nlocation: {target}/v1/refunds\r\ncontent-length: 0\r\n\r\n"
            );
            stream.write_all(reply.as_bytes()).unwrap();
        });
        let outcome = ask(&base).unwrap();
        let says_nothing = matches!(outcome, Outcome::Unknown(Uncertainty::Unexpected { .. }));
        assert!(says_nothing, "{status}: {outcome:?}");
    }
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[test]
fn a_page_of_something_in_between_is_no_answer() {
    for (status, is_server) in [("200 OK", false), ("502 Bad Gateway", true)] {
        let base = serve(move |mut stream| {
            read_head(&mut stream);
            let page = "<!doctype html><title>Bad weather</title>";
            let length = page.len();
            let reply = format!(
                "HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\r\n{page}"
            );
            stream.write_all(reply.as_bytes()).unwrap();
        });
        let outcome = ask(&base).unwrap();
        let failed = matches!(
            outcome,
            Outcome::Unknown(Uncertainty::ServerError { status: 502 })
        );
        let unreadable = matches!(outcome, Outcome::Unknown(Uncertainty::Unreadable { .. }));
        assert_eq!(
            (failed, unreadable),
            (is_server, !is_server),
            "{status}: {outcome:?}"
        );
    }
}

#[test]
fn an_answer_that_breaks_off_is_no_answer() {
    let base = serve(|mut stream| {
        read_head(&mut stream);
        let half = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"id\":\"re_1\"";
        stream.write_all(half.as_bytes()).unwrap();
    });
    let error = ask(&base).unwrap_err();
    assert!(matches!(error, CallError::NoAnswer(_)), "{error:?}");
}

#[test]
fn where_nobody_listens_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = ask(&base).unwrap_err();
    assert!(matches!(error, CallError::NotSent(_)), "{error:?}");
}
