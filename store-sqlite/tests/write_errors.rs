//! Writing that fails in the middle of a commit: what is refused is not there, and what was acknowledged is.
//!
//! The other process is this program again, under a shell that limits how large a file may become.
#![cfg(unix)]

mod support;

use std::env;
use std::error::Error;
use std::process::Command;

use annals_core::store::{Append, AppendError, FailureKind, ReadStream};
use annals_core::{EventStore, ExpectedVersion};
use annals_store_sqlite::SqliteStore;
use support::{append_id, event, order, versions};

type Outcome = Result<(), Box<dyn Error>>;

const FILE: &str = "ANNALS_TEST_FILE";

fn append(number: u64) -> Append {
    Append::new(append_id(number)).stream(order("a"), ExpectedVersion::Any, vec![event(number, 30_000)])
}

#[tokio::test]
async fn role_append_until_files_are_too_large() -> Outcome {
    let Ok(file) = env::var(FILE) else { return Ok(()) };
    let store = SqliteStore::open(file).await?;
    let mut refused = 0;
    for number in 0..1_000 {
        match store.append(append(number)).await {
            Ok(_) => println!("acknowledged {number}"),
            Err(AppendError::NotStored(failure)) if failure.kind == FailureKind::Unavailable => {
                println!("refused {number}");
                refused += 1;
            }
            Err(AppendError::Unknown(failure)) if failure.kind == FailureKind::Unavailable => {
                println!("unknown {number}");
                refused += 1;
            }
            Err(other) => return Err(other.into()),
        }
        // The store still reads, and it still takes work.
        store.read_stream(ReadStream::backward(order("a"))).await?;
        if refused == 5 {
            return Ok(());
        }
    }
    Err("nothing was refused".into())
}

#[tokio::test]
async fn a_commit_that_cannot_be_written_stores_nothing() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");

    // Without the trap, the system ends a process that writes past the limit.
    let shell = "trap '' XFSZ; ulimit -f 2000; exec \"$0\" role_append_until_files_are_too_large --exact --nocapture";
    let output = Command::new("sh").args(["-c", shell]).arg(env::current_exe()?).env(FILE, &path).output()?;

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let store = SqliteStore::open(&path).await?;
    let (mut acknowledged, mut refused) = (0, 0);
    for line in String::from_utf8(output.stdout)?.lines() {
        let Some((what, number)) = line.split_once(' ') else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        let stored = store.appended(append_id(number)).await?.is_some();
        match what {
            "acknowledged" => {
                assert!(stored, "append {number} was acknowledged and is lost");
                acknowledged += 1;
            }
            "refused" => {
                assert!(!stored, "append {number} was refused and is there");
                refused += 1;
            }
            _ => refused += 1,
        }
    }
    assert!(acknowledged > 0 && refused == 5, "{acknowledged} acknowledged, {refused} refused");
    let next = store.append(append(10_000)).await?.streams[0].last;
    assert_eq!(versions(&store, &order("a")).await, (1..=next.get()).collect::<Vec<_>>());
    Ok(())
}
