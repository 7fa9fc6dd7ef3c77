#[path = "../../harness.rs"]
mod harness;
use harness::*;
use sqlx::{ConnectOptions, Connection, Executor, Row, sqlite::*};
use std::path::PathBuf;
use tokio::sync::{mpsc, oneshot};
struct Req {
    key: Key,
    expected: i64,
    data: Vec<Vec<u8>>,
    reply: oneshot::Sender<i64>,
}
type Rows = Vec<(i64, Vec<u8>)>;
struct Sqlx {
    writer: mpsc::UnboundedSender<Req>,
    reader: SqlitePool,
}
impl Driver for Sqlx {
    async fn open(path: PathBuf) -> Self {
        let o = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut c = o.clone().connect().await.unwrap();
        for s in SCHEMA {
            c.execute(*s).await.unwrap();
        }
        let (writer, mut rx) = mpsc::unbounded_channel::<Req>();
        tokio::spawn(async move {
            while let Some(first) = rx.recv().await {
                let mut batch = vec![first];
                while batch.len() < 256 {
                    match rx.try_recv() {
                        Ok(r) => batch.push(r),
                        Err(_) => break,
                    }
                }
                let mut tx = c.begin_with("BEGIN IMMEDIATE").await.unwrap();
                let mut replies = vec![];
                for r in batch {
                    let found: Option<(i64, i64)> = sqlx::query_as(FIND)
                        .bind(&r.key[..])
                        .fetch_optional(&mut *tx)
                        .await
                        .unwrap();
                    assert_eq!(found.map_or(0, |f| f.1), r.expected);
                    let mut v = r.expected;
                    let last = v + r.data.len() as i64;
                    let id = match found {
                        Some((id, _)) => {
                            sqlx::query(BUMP)
                                .bind(id)
                                .bind(last)
                                .execute(&mut *tx)
                                .await
                                .unwrap();
                            id
                        }
                        None => sqlx::query(NEW)
                            .bind(&r.key[..])
                            .bind(last)
                            .execute(&mut *tx)
                            .await
                            .unwrap()
                            .last_insert_rowid(),
                    };
                    for d in &r.data {
                        v += 1;
                        sqlx::query(INSERT)
                            .bind(id)
                            .bind(v)
                            .bind(&r.key[..])
                            .bind("order.placed")
                            .bind(1_700_000_000i64)
                            .bind(d)
                            .execute(&mut *tx)
                            .await
                            .unwrap();
                    }
                    replies.push((r.reply, last));
                }
                tx.commit().await.unwrap();
                for (reply, v) in replies {
                    let _ = reply.send(v);
                }
            }
        });
        let reader = SqlitePoolOptions::new()
            .max_connections(2)
            .connect_with(o)
            .await
            .unwrap();
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
            .ok()
            .unwrap();
        rx.await.unwrap()
    }
    async fn read(&self, key: Key) -> Rows {
        sqlx::query(READ)
            .bind(&key[..])
            .fetch_all(&self.reader)
            .await
            .unwrap()
            .into_iter()
            .map(|r| (r.get(0), r.get(1)))
            .collect()
    }
}
fn main() {
    run::<Sqlx>("sqlx")
}
