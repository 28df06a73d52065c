//! Connections that are driven by the thread that uses them.
//!
//! A question goes into the socket, and its answer comes out of it, on the thread that asks. Were all connections driven by
//! one thread, it would have to be woken for each question, and wake whoever asked again for each answer: where no core is
//! idle, that is what most of the time goes to.

use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::{AsyncConnectionWrapper, BlockOn};
use std::cell::RefCell;
use std::future::Future;
use std::sync::Arc;
use tokio::runtime::{Builder, Handle, Runtime};

/// A blocking connection.
pub type Driven = AsyncConnectionWrapper<AsyncPgConnection, Drive>;

thread_local! {
    /// Of the connection that this thread is making. Its wrapper asks for it, and can be told in no other way.
    static NEXT: RefCell<Option<Arc<Runtime>>> = const { RefCell::new(None) };
}

/// What a connection waits with.
pub enum Drive {
    /// Where its socket is.
    Own(Arc<Runtime>),
    /// Where it was made, as diesel-async does it.
    Shared(Handle),
}

impl BlockOn for Drive {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self {
            Self::Own(runtime) => runtime.block_on(future),
            Self::Shared(handle) => handle.block_on(future),
        }
    }

    fn get_runtime() -> Self {
        NEXT.take()
            .map_or_else(|| Self::Shared(Handle::current()), Self::Own)
    }
}

/// Where one connection is to be made and driven.
pub fn runtime() -> std::io::Result<Arc<Runtime>> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map(Arc::new)
}

/// The connection, made there.
pub fn by_its_user(runtime: &Arc<Runtime>, connection: AsyncPgConnection) -> Driven {
    NEXT.set(Some(Arc::clone(runtime)));
    Driven::from(connection)
}

/// Lets a connection that nobody uses read what its server has sent, such as a farewell.
pub fn look(runtime: &Runtime) {
    runtime.block_on(async {
        // The socket is looked at after the first, and what was in it is read after the second.
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
    });
}
