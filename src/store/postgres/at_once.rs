//! Many rows of one statement, waited for as a whole.
//!
//! The blocking connection waits for each row by itself, and begins and ends a wait of the runtime's for it, which takes
//! about as long as the row. The server's answer is read by the runtime's own thread in any case, so that a thread that
//! waits needs only to be woken.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits on this thread.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Sleeper(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut work = pin!(work);
    loop {
        match work.as_mut().poll(&mut context) {
            Poll::Ready(done) => return done,
            // Woken before this line, it does not stop at all.
            Poll::Pending => thread::park(),
        }
    }
}
