//! Which files are opened as a store, and what is said about the others.

mod support;

use std::error::Error;
use std::fs;
use std::path::Path;

use annals_core::store::{AppendError, FailureKind};
use annals_core::{EventStore, ExpectedVersion, LogId};
use annals_store_sqlite::{OpenError, SqliteOptions, SqliteStore};
use rusqlite::Connection;
use support::{append_id, log, one, order};

type Outcome = Result<(), Box<dyn Error>>;

async fn refusal(path: &Path) -> OpenError {
    match SqliteStore::open(path).await {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_reopening() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");
    let store = SqliteStore::open(&path).await?;
    let epoch = store.info().logs[0].epoch;
    let first = store.append(one(1, order("a"), ExpectedVersion::NoStream)).await?;
    store.append(one(2, order("a"), ExpectedVersion::Exists)).await?;
    let before = log(&store).await;
    drop(store);

    let store = SqliteStore::open(&path).await?;

    assert_eq!(log(&store).await, before);
    assert_eq!(store.info().logs[0].epoch, epoch);
    let repeated = store.append(one(1, order("a"), ExpectedVersion::NoStream)).await?;
    assert!(repeated.repeated);
    assert_eq!((repeated.last, repeated.streams), (first.last, first.streams));
    assert!(store.append(one(3, order("a"), ExpectedVersion::Any)).await?.first > before[1].position);
    Ok(())
}

#[tokio::test]
async fn closing_a_store_writes_what_was_queued() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");
    let store = SqliteStore::open(&path).await?;
    let queued = (0..100).map(|number| store.append(one(number, order(&number.to_string()), ExpectedVersion::NoStream)));
    let mut appends = futures_util::future::join_all(queued);
    assert!(futures_util::poll!(&mut appends).is_pending());

    store.close();

    assert!(appends.await.iter().all(Result::is_ok));
    drop(store);
    assert_eq!(log(&SqliteStore::open(&path).await?).await.len(), 100);
    Ok(())
}

#[tokio::test]
async fn a_closed_store_refuses_work_and_says_so() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("events.db")).await?;
    store.close();

    let append = store.append(one(1, order("a"), ExpectedVersion::Any)).await;
    let read = store.appended(append_id(1)).await;
    let wait = store.wait(LogId::MAIN, annals_core::Position::ZERO).await;

    let closed = |failure: &annals_core::store::StoreFailure| failure.kind == FailureKind::Closed;
    assert!(matches!(append, Err(AppendError::NotStored(ref failure) | AppendError::Unknown(ref failure)) if closed(failure)));
    assert!(matches!(read, Err(annals_core::store::ReadError::Store(ref failure)) if closed(failure)));
    assert!(matches!(wait, Err(annals_core::store::ReadError::Store(ref failure)) if closed(failure)));
    Ok(())
}

#[tokio::test]
async fn a_folder_is_refused_by_name() -> Outcome {
    let folder = tempfile::tempdir()?;

    let error = refusal(folder.path()).await;

    assert!(matches!(error, OpenError::Directory { .. }));
    assert_eq!(error.to_string(), format!("`{}` is a folder, not a file", folder.path().display()));
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_not_there_is_not_created_unless_that_is_wanted() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");

    let error = SqliteOptions::new(&path).create(false).open().await.err().ok_or("it was opened")?;

    assert!(matches!(error, OpenError::NotFound { .. }));
    assert!(error.to_string().contains("events.db") && !path.exists());
    Ok(())
}

#[tokio::test]
async fn a_name_that_means_something_to_sqlite_is_still_a_name() -> Outcome {
    let folder = tempfile::tempdir()?;
    let before = std::env::current_dir()?;
    std::env::set_current_dir(folder.path())?;

    for name in [":memory:", "file:events.db?mode=memory"] {
        let store = SqliteStore::open(name).await?;
        store.append(one(1, order("a"), ExpectedVersion::Any)).await?;
        assert_eq!(log(&store).await.len(), 1);
        assert!(folder.path().join(name).is_file());
    }
    std::env::set_current_dir(before)?;
    Ok(())
}

#[tokio::test]
async fn a_path_that_cannot_be_written_is_refused_by_name() -> Outcome {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("file");
    fs::write(&file, "")?;

    for path in [file.join("events.db"), folder.path().join("missing").join("events.db")] {
        let error = refusal(&path).await;
        assert!(matches!(error, OpenError::NotWritable { .. }), "{error:?}");
        assert_eq!(error.to_string(), format!("the store at `{}` cannot be written", path.display()));
    }
    Ok(())
}

/// Names the file that the other process is to open.
const READ_ONLY: &str = "ANNALS_TEST_READ_ONLY";

#[tokio::test]
async fn role_open_a_read_only_file() -> Outcome {
    let Ok(path) = std::env::var(READ_ONLY) else { return Ok(()) };
    let error = refusal(Path::new(&path)).await;
    assert!(matches!(error, OpenError::NotWritable { .. }), "{error:?}");
    assert!(error.to_string().contains("events.db"), "{error}");
    Ok(())
}

/// The superuser may write everything, so this program opens the file once more as somebody who is nobody.
#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_read_only_is_refused_by_name() -> Outcome {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;

    let folder = tempfile::tempdir()?;
    let (path, program) = (folder.path().join("events.db"), folder.path().join("program"));
    drop(SqliteStore::open(&path).await?);
    fs::copy(std::env::current_exe()?, &program)?;
    for (what, mode) in [(&path, 0o444), (&program, 0o555), (&folder.path().to_owned(), 0o755)] {
        fs::set_permissions(what, fs::Permissions::from_mode(mode))?;
    }
    let mut command = std::process::Command::new(&program);
    command.args(["role_open_a_read_only_file", "--exact"]).env(READ_ONLY, &path);
    let is_superuser = fs::OpenOptions::new().write(true).open(&path).is_ok();
    if is_superuser {
        command.uid(65_534).gid(65_534);
    }

    let opened = command.output()?;

    let told = String::from_utf8_lossy(&opened.stdout);
    assert!(opened.status.success() && told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&opened.stderr));
    Ok(())
}

#[tokio::test]
async fn a_file_of_another_program_is_left_as_it_is() -> Outcome {
    let folder = tempfile::tempdir()?;
    let text = folder.path().join("notes.txt");
    fs::write(
        &text,
        "not a database, but long enough to have a header of a hundred bytes, which SQLite reads first. ".repeat(20),
    )?;
    let database = folder.path().join("contacts.db");
    Connection::open(&database)?.execute_batch("create table contact (name text); insert into contact values ('Ann')")?;
    let numbered = folder.path().join("numbered.db");
    Connection::open(&numbered)?.execute_batch("pragma application_id = 7")?;

    for path in [text, database, numbered] {
        let before = fs::read(&path)?;
        let error = refusal(&path).await;
        assert!(matches!(error, OpenError::Foreign { .. }), "{error:?}");
        assert_eq!(error.to_string(), format!("`{}` is not an event store of annals", path.display()));
        assert_eq!(fs::read(&path)?, before);
    }
    Ok(())
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_with_both_versions() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");
    drop(SqliteStore::open(&path).await?);
    Connection::open(&path)?.pragma_update(None, "user_version", 99)?;

    let error = refusal(&path).await;

    assert!(matches!(error, OpenError::NewerFormat { found: 99, supported: 1, .. }));
    assert!(error.to_string().ends_with("events.db` has format 99; this program knows formats up to 1"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_may_create_the_same_file_at_a_time() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("events.db");

    let stores = futures_util::future::join_all((0..8).map(|_| SqliteStore::open(&path))).await;

    let stores = stores.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert!(stores.iter().all(|store| store.info().logs[0].epoch == stores[0].info().logs[0].epoch));
    for (number, store) in (0..).zip(&stores) {
        store.append(one(number, order("shared"), ExpectedVersion::Any)).await?;
    }
    assert_eq!(log(&stores[0]).await.len(), 8);
    Ok(())
}
