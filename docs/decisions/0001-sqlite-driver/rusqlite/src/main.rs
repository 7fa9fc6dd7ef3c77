#[path = "../../harness.rs"]
mod harness;
use harness::*;
use rusqlite::{Connection, OptionalExtension, params};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, mpsc},
};
use tokio::sync::oneshot;
struct Req {
    key: Key,
    expected: i64,
    data: Vec<Vec<u8>>,
    reply: oneshot::Sender<i64>,
}
type Rows = Vec<(i64, Vec<u8>)>;
struct Rusqlite {
    writer: mpsc::Sender<Req>,
    reader: mpsc::Sender<(Key, oneshot::Sender<Rows>)>,
}
fn connect(path: &PathBuf) -> Connection {
    let c = Connection::open(path).unwrap();
    c.pragma_update(None, "journal_mode", "wal").unwrap();
    c.pragma_update(None, "synchronous", "full").unwrap();
    c
}
impl Driver for Rusqlite {
    async fn open(path: PathBuf) -> Self {
        let mut c = connect(&path);
        for s in SCHEMA {
            c.execute_batch(s).unwrap();
        }
        let (writer, rx) = mpsc::channel::<Req>();
        std::thread::spawn(move || {
            while let Ok(first) = rx.recv() {
                let mut batch = vec![first];
                while batch.len() < 256 {
                    match rx.try_recv() {
                        Ok(r) => batch.push(r),
                        Err(_) => break,
                    }
                }
                let tx = c
                    .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
                    .unwrap();
                let mut replies = vec![];
                for r in batch {
                    let found: Option<(i64, i64)> = tx
                        .prepare_cached(FIND)
                        .unwrap()
                        .query_row([&r.key[..]], |r| Ok((r.get(0)?, r.get(1)?)))
                        .optional()
                        .unwrap();
                    assert_eq!(found.map_or(0, |f| f.1), r.expected);
                    let mut v = r.expected;
                    let last = v + r.data.len() as i64;
                    let id = match found {
                        Some((id, _)) => {
                            tx.prepare_cached(BUMP)
                                .unwrap()
                                .execute([id, last])
                                .unwrap();
                            id
                        }
                        None => {
                            tx.prepare_cached(NEW)
                                .unwrap()
                                .execute(params![&r.key[..], last])
                                .unwrap();
                            tx.last_insert_rowid()
                        }
                    };
                    for d in &r.data {
                        v += 1;
                        tx.prepare_cached(INSERT)
                            .unwrap()
                            .execute(params![
                                id,
                                v,
                                &r.key[..],
                                "order.placed",
                                1_700_000_000i64,
                                d
                            ])
                            .unwrap();
                    }
                    replies.push((r.reply, last));
                }
                tx.commit().unwrap();
                for (reply, v) in replies {
                    let _ = reply.send(v);
                }
            }
        });
        let (reader, rx) = mpsc::channel::<(Key, oneshot::Sender<Rows>)>();
        let rx = Arc::new(Mutex::new(rx));
        for _ in 0..2 {
            let (rx, c) = (rx.clone(), connect(&path));
            std::thread::spawn(move || {
                loop {
                    let Ok((key, reply)) = rx.lock().unwrap().recv() else {
                        return;
                    };
                    let rows = c
                        .prepare_cached(READ)
                        .unwrap()
                        .query_map([&key[..]], |r| Ok((r.get(0)?, r.get(1)?)))
                        .unwrap()
                        .collect::<Result<_, _>>()
                        .unwrap();
                    let _ = reply.send(rows);
                }
            });
        }
        Self { writer, reader }
    }
    async fn append(&self, key: Key, expected: i64, data: Vec<Vec<u8>>) -> i64 {
        let (reply, rx) = oneshot::channel();
        self.writer
            .send(Req {
                key,
                expected,
                data,
                reply,
            })
            .unwrap();
        rx.await.unwrap()
    }
    async fn read(&self, key: Key) -> Rows {
        let (reply, rx) = oneshot::channel();
        self.reader.send((key, reply)).unwrap();
        rx.await.unwrap()
    }
}
fn main() {
    run::<Rusqlite>("rusqlite")
}
