//! Four processes append to the same streams, each time to the version that they have read.

mod support;
#[path = "support/told.rs"]
mod told;

use std::collections::BTreeMap;

use annals_core::store::{AppendError, Filter, ReadLog, ReadStream};
use annals_core::{EventStore, ExpectedVersion, Random, SystemRandom, Version};
use annals_store_postgres::{PostgresOptions, PostgresStore};
use futures_util::future::join_all;
use support::{Schema, expecting, stream_of, unique, url};
use told::Told;

const PROCESSES: usize = 4;
const WRITERS: usize = 4;
const TURNS: usize = 30;
const STREAMS: u64 = 3;

/// Appends to a stream at the version that it has, again and again until nobody was quicker. Says how often somebody was.
async fn take_turns(store: &PostgresStore) -> usize {
    let mut conflicts = 0;
    for _ in 0..TURNS {
        let stream = format!("shared {}", SystemRandom.next_u64() % STREAMS);
        loop {
            let page = store.read_stream(ReadStream::backward(stream_of(&stream))).await.unwrap();
            let version = page.events.first().map_or(Version::ZERO, |event| event.version);
            let expected = if version == Version::ZERO { ExpectedVersion::NoStream } else { ExpectedVersion::Exact(version) };
            match store.append(expecting(unique(&stream), expected)).await {
                Ok(appended) => {
                    assert_eq!(appended.streams[0].first, version.next().unwrap());
                    break;
                }
                Err(AppendError::WrongExpectedVersion { actual, .. }) => {
                    assert!(actual > version, "the stream is at {actual}, and was at {version}");
                    conflicts += 1;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    conflicts
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn role_take_turns_as_told() {
    let Some(schema) = told::schema() else { return };
    let runtime = runtime();
    let store = runtime.block_on(PostgresOptions::new(url()).schema(schema).connections(4).open()).unwrap();
    told::obey(|_| {
        let conflicts = runtime.block_on(join_all((0..WRITERS).map(|_| take_turns(&store))));
        conflicts.into_iter().sum::<usize>().to_string()
    });
}

#[test]
fn streams_that_four_processes_share_get_each_version_once_and_in_order() {
    let (schema, runtime) = (Schema::new(), runtime());
    let store = runtime.block_on(schema.open());
    let mut processes = [(); PROCESSES].map(|()| Told::start("role_take_turns_as_told", &schema.name));
    processes.iter_mut().for_each(|process| process.tell("go"));
    let conflicts: usize = processes.iter_mut().map(|process| process.answer().parse::<usize>().unwrap()).sum();
    let (mut versions, mut read) = (BTreeMap::new(), ReadLog::new(Filter::all()));
    loop {
        let page = runtime.block_on(store.read_log(read.clone())).unwrap();
        for event in page.events {
            let last = versions.insert(event.stream.clone(), event.version).unwrap_or_default();
            assert_eq!(event.version, last.next().unwrap(), "{} at {}", event.stream, event.position);
        }
        if page.at_end {
            break;
        }
        read = read.after(page.scanned_to);
    }
    let stored: u64 = versions.values().map(|version| version.get()).sum();
    println!("{stored} events on {} streams, {conflicts} conflicts", versions.len());
    assert_eq!(stored, (PROCESSES * WRITERS * TURNS) as u64);
    assert!(conflicts > 0, "nobody was in anybody's way");
}
