//! What both programs measure: a store behind one writer with group commit, and readers beside it.

use std::{
    future::Future,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
pub type Key = [u8; 16];
pub trait Driver: Send + Sync + Sized + 'static {
    fn open(path: PathBuf) -> impl Future<Output = Self> + Send;
    fn append(
        &self,
        key: Key,
        expected: i64,
        data: Vec<Vec<u8>>,
    ) -> impl Future<Output = i64> + Send;
    fn read(&self, key: Key) -> impl Future<Output = Vec<(i64, Vec<u8>)>> + Send;
}
pub const SCHEMA: &[&str] = &[
    "create table stream (id integer primary key, key blob not null unique, version integer not null)",
    "create table event (position integer primary key autoincrement, stream integer not null, version integer not null, id blob not null, name text not null, recorded_at integer not null, data blob not null, metadata blob)",
    "create unique index event_stream on event (stream, version)",
];
pub const FIND: &str = "select id, version from stream where key = ?1";
pub const NEW: &str = "insert into stream (key, version) values (?1, ?2)";
pub const BUMP: &str = "update stream set version = ?2 where id = ?1";
pub const INSERT: &str = "insert into event (stream, version, id, name, recorded_at, data) values (?1, ?2, ?3, ?4, ?5, ?6)";
pub const READ: &str = "select e.version, e.data from stream s join event e on e.stream = s.id where s.key = ?1 order by e.version";
pub fn key(n: u64) -> Key {
    let mut out = [0; 16];
    for i in 0..2u64 {
        let mut z = (n * 2 + i)
            .wrapping_add(0x9E3779B97F4A7C15)
            .wrapping_mul(0xBF58476D1CE4E5B9);
        z ^= z >> 30;
        z = z.wrapping_mul(0x94D049BB133111EB);
        z ^= z >> 31;
        out[i as usize * 8..][..8].copy_from_slice(&z.to_le_bytes());
    }
    out
}
pub fn json(n: u64) -> Vec<u8> {
    let mut s = format!(
        "{{\"order\":\"order-{n:012}\",\"customer\":\"customer-{:010}\",\"total\":{},\"note\":\"",
        n % 1000,
        n % 100_000
    );
    while s.len() < 118 {
        s.push('x');
    }
    s.push_str("\"}");
    s.into_bytes()
}
async fn drive<D: Driver, F, G>(d: &Arc<D>, clients: u64, time: Duration, f: F) -> (f64, f64, f64)
where
    F: Fn(Arc<D>, u64, u64) -> G + Send + Sync + Copy + 'static,
    G: Future<Output = ()> + Send,
{
    let start = Instant::now();
    let mut tasks = vec![];
    for c in 0..clients {
        let d = d.clone();
        tasks.push(tokio::spawn(async move {
            let mut lat = vec![];
            let mut i = 0;
            while start.elapsed() < time {
                let t = Instant::now();
                f(d.clone(), c, i).await;
                lat.push(t.elapsed().as_secs_f64() * 1e6);
                i += 1;
            }
            lat
        }));
    }
    let mut lat = vec![];
    for t in tasks {
        lat.extend(t.await.unwrap());
    }
    let secs = start.elapsed().as_secs_f64();
    lat.sort_by(f64::total_cmp);
    (
        lat.len() as f64 / secs,
        lat[lat.len() / 2],
        lat[lat.len() * 99 / 100],
    )
}
pub fn run<D: Driver>(name: &str) {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async {
            let dir = PathBuf::from(std::env::args().nth(1).expect("dir"));
            let secs = Duration::from_millis(2000);
            let _ = std::fs::remove_dir_all(&dir);
            std::fs::create_dir_all(&dir).unwrap();
            let d = Arc::new(D::open(dir.join("s.db")).await);
            // 1,000 streams of 10, and one of 10,000
            for s in 0..1000u64 {
                d.append(key(s), 0, (0..10).map(json).collect()).await;
            }
            for b in 0..10i64 {
                d.append(key(1000), b * 1000, (0..1000).map(json).collect())
                    .await;
            }
            let mut base = 10_000u64;
            for clients in [1u64, 16, 64] {
                base += 10_000_000;
                BASE.store(base, std::sync::atomic::Ordering::Relaxed);
                let r = drive(&d, clients, secs, |d, c, i| async move {
                    let n = BASE.load(std::sync::atomic::Ordering::Relaxed) + c * 100_000 + i;
                    d.append(key(n), 0, vec![json(n)]).await;
                })
                .await;
                println!("{name}\topen {clients}\t{:.0}\t{:.0}\t{:.0}", r.0, r.1, r.2);
            }
            for clients in [1u64, 16, 64] {
                // each client has its own streams, so that nobody conflicts
                let r = drive(&d, clients, secs, |d, c, i| async move {
                    let k = key((c * 15 + i % 15) % 1000);
                    let n = d.read(k).await.len() as i64;
                    d.append(k, n, vec![json(i)]).await;
                })
                .await;
                println!(
                    "{name}\tappend {clients}\t{:.0}\t{:.0}\t{:.0}",
                    r.0, r.1, r.2
                );
            }
            for clients in [1u64, 16] {
                let r = drive(&d, clients, secs, |d, c, i| async move {
                    let k = key(960 + (c * 2 + i) % 40);
                    assert!(d.read(k).await.len() >= 10);
                })
                .await;
                println!(
                    "{name}\tread10 {clients}\t{:.0}\t{:.0}\t{:.0}",
                    r.0, r.1, r.2
                );
            }
            let r = drive(&d, 1, secs, |d, _, _| async move {
                assert_eq!(d.read(key(1000)).await.len(), 10_000);
            })
            .await;
            println!(
                "{name}\trehydrate10k ev/s\t{:.0}\t{:.0}\t{:.0}",
                r.0 * 10_000.,
                r.1,
                r.2
            );
        });
}
static BASE: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
