//! A wire between store and server that can be cut.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What an append contains whose answer is to be lost.
pub(crate) const MARK: &str = "the answer to this is lost";

/// Passes everything on, until it is told to cut.
pub(crate) struct Proxy {
    pub(crate) url: String,
    armed: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
    wires: JoinHandle<()>,
}

impl Proxy {
    /// A wire to the server that `url` names.
    pub(crate) async fn to(url: &str) -> Self {
        let (front, rest) = url.split_once("://").expect("a URL");
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, server) = authority.rsplit_once('@').unwrap_or(("postgres", authority));
        let server = if server.contains(':') { server.to_owned() } else { format!("{server}:5432") };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let armed = Arc::new(AtomicBool::new(false));
        let answered = Arc::new(AtomicUsize::new(0));
        let asked = Arc::new(AtomicUsize::new(0));
        let (marks, counters) = (Arc::clone(&armed), (Arc::clone(&asked), Arc::clone(&answered)));
        #[expect(clippy::disallowed_methods, reason = "the wire of a test")]
        let wires = tokio::spawn(async move {
            let mut wires = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.expect("the server");
                wires.spawn(carry(client, server, Arc::clone(&marks), counters.clone()));
            }
        });
        Self { url: format!("{front}://{user}@127.0.0.1:{port}/{database}?sslmode=disable"), armed, asked, answered, wires }
    }

    /// How often somebody has sent something since this was last asked: a small request is sent at once.
    pub(crate) fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    /// How many bytes the server has answered since this was last asked.
    pub(crate) fn answered(&self) -> usize {
        self.answered.swap(0, Ordering::SeqCst)
    }

    /// Cuts every connection and takes no new ones: the server is gone.
    pub(crate) async fn stop(self) {
        self.wires.abort();
        // It was told to end.
        let _ = self.wires.await;
    }

    /// Cuts the connection, once, on which somebody sends [`MARK`], when the server answers to that.
    pub(crate) fn cut_after_mark(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }
}

async fn carry(client: TcpStream, server: TcpStream, armed: Arc<AtomicBool>, counters: (Arc<AtomicUsize>, Arc<AtomicUsize>)) {
    let (asked, answered) = counters;
    let cut = &AtomicBool::new(false);
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let there = async move {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            asked.fetch_add(1, Ordering::SeqCst);
            let is_marked = buffer[..read].windows(MARK.len()).any(|window| window == MARK.as_bytes());
            if is_marked && armed.swap(false, Ordering::SeqCst) {
                cut.store(true, Ordering::SeqCst);
            }
            if to_server.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
    };
    let back = async move {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
            answered.fetch_add(read, Ordering::SeqCst);
            if cut.load(Ordering::SeqCst) || to_client.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
    };
    // Whichever ends, both sockets are closed with it.
    tokio::select! {
        () = there => {}
        () = back => {}
    }
}
