//! A wire between store and server that can be cut.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What an append contains whose answer is to be lost.
pub(crate) const MARK: &str = "the answer to this is lost";

/// Passes everything on, until it is told to cut.
pub(crate) struct Proxy {
    pub(crate) url: String,
    state: Arc<State>,
    wires: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    /// What is cut when somebody sends it.
    cut: Mutex<Option<Cut>>,
    cuts: AtomicUsize,
    asked: AtomicUsize,
    answered: AtomicUsize,
}

struct Cut {
    text: &'static str,
    is_once: bool,
}

impl State {
    /// Whether the connection is to be cut on which somebody sends this.
    fn cuts(&self, sent: &[u8]) -> bool {
        let mut cut = self.cut.lock().expect("nobody panics with it");
        let is_cut = cut.as_ref().is_some_and(|cut| sent.windows(cut.text.len()).any(|window| window == cut.text.as_bytes()));
        if is_cut {
            self.cuts.fetch_add(1, Ordering::SeqCst);
            cut.take_if(|cut| cut.is_once);
        }
        is_cut
    }
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
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        #[expect(clippy::disallowed_methods, reason = "the wire of a test")]
        let wires = tokio::spawn(async move {
            let mut wires = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.expect("the server");
                wires.spawn(carry(client, server, Arc::clone(&shared)));
            }
        });
        Self { url: format!("{front}://{user}@127.0.0.1:{port}/{database}?sslmode=disable"), state, wires }
    }

    /// How often somebody has sent something since this was last asked: a small request is sent at once.
    pub(crate) fn asked(&self) -> usize {
        self.state.asked.swap(0, Ordering::SeqCst)
    }

    /// How many bytes the server has answered since this was last asked.
    pub(crate) fn answered(&self) -> usize {
        self.state.answered.swap(0, Ordering::SeqCst)
    }

    /// Cuts every connection and takes no new ones: the server is gone.
    pub(crate) async fn stop(self) {
        self.wires.abort();
        // It was told to end.
        let _ = self.wires.await;
    }

    /// Cuts the connection, once, on which somebody sends [`MARK`], when the server answers to that.
    pub(crate) fn cut_after_mark(&self) {
        self.cut(Some(Cut { text: MARK, is_once: true }));
    }

    /// Cuts each connection on which somebody sends a text, when the server answers to that.
    pub(crate) fn cut_after(&self, text: &'static str) {
        self.cut(Some(Cut { text, is_once: false }));
    }

    /// Passes everything on again.
    pub(crate) fn cut_no_more(&self) {
        self.cut(None);
    }

    /// How many connections were cut.
    pub(crate) fn cuts(&self) -> usize {
        self.state.cuts.load(Ordering::SeqCst)
    }

    fn cut(&self, cut: Option<Cut>) {
        *self.state.cut.lock().expect("nobody panics with it") = cut;
    }
}

async fn carry(client: TcpStream, server: TcpStream, state: Arc<State>) {
    let state = &*state;
    let cut = &AtomicBool::new(false);
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let there = async move {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            state.asked.fetch_add(1, Ordering::SeqCst);
            if state.cuts(&buffer[..read]) {
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
            state.answered.fetch_add(read, Ordering::SeqCst);
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
